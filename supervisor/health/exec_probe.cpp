// An exec probe of one instance of a container.
//
//   due ──▶ begin ──▶ in flight ──▶ its end: success, or failure ──▶ due a period after the last one was due
//                        └─ timeout: failure; it is killed, and its end is waited for. Each time that an attempt would be
//                           due meanwhile, the probe fails again
#include "supervisor/health/exec_probe.hpp"

#include <utility>

#include <fmt/format.h>

#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"

namespace podrun::supervisor {

ExecProbe::ExecProbe(std::string name, const pod::Probe& probe, MonotonicTime first, ExecProbePorts ports)
    : name_(std::move(name)),
      timeout_(probe.timeout),
      ports_(std::move(ports)),
      schedule_(first, std::chrono::seconds(probe.period)),
      counter_(probe.success_threshold, probe.failure_threshold) {
  if (ports_.commands.contains(name_)) wait_for_former();
  else arm();
}

ExecProbe::~ExecProbe() { ports_.commands.abandon(name_); }

void ExecProbe::arm() {
  auto timer = ports_.loop.at(schedule_.due(), [this] { on_due(); });
  if (timer) timer_ = std::move(*timer);
  else log_error("{}: {}", name_, timer.error().message);
}

void ExecProbe::on_due() {
  if (!in_flight_) return begin();
  schedule_.attempted(monotonic_now());
  arm();
  if (timed_out_) count(pod::ProbeOutcome::Failure, timeout_message_, "");
}

/// A command of a former supervisor, or of the probe before this one, was killed and has not ended yet.
void ExecProbe::wait_for_former() {
  ports_.commands.when_ended(name_, [this](const CommandEnd&) { arm(); });
}

void ExecProbe::begin() {
  if (ports_.commands.contains(name_)) return wait_for_former();
  auto command = ports_.make();
  const Result<> added =
      command ? ports_.commands.add(std::move(*command), [this](const CommandEnd& end) { on_end(end); })
              : std::unexpected(command.error());
  if (!added) {
    schedule_.attempted(monotonic_now());
    arm();
    return on_unknown(added.error().message);
  }
  in_flight_ = true;
  timed_out_ = false;
  auto timer = ports_.loop.at(monotonic_now() + timeout_, [this] { on_timeout(); });
  if (timer) timer_ = std::move(*timer);
}

void ExecProbe::on_timeout() {
  timed_out_ = true;
  timeout_message_ = fmt::format("timed out after {}s", timeout_.count());
  if (const std::string line = last_line(ports_.commands.output_of(name_)); !line.empty())
    timeout_message_ += ": " + line;
  ports_.commands.kill(name_);
  schedule_.attempted(monotonic_now());
  arm();
  count(pod::ProbeOutcome::Failure, timeout_message_, "");
}

void ExecProbe::on_end(const CommandEnd& end) {
  in_flight_ = false;
  if (timed_out_) return;  // its timer is that of the next attempt
  schedule_.attempted(monotonic_now());
  arm();
  if (end.report) return on_unknown(ports_.describe(*end.report));
  if (!end.exit_code) return on_unknown(end.error);
  if (*end.exit_code == 0) return count(pod::ProbeOutcome::Success, "", "");
  if (!ports_.is_ending()) count(pod::ProbeOutcome::Failure, describe_end(end), end.output);
}

/// Says it once: the next attempt will most probably say the same.
void ExecProbe::on_unknown(const std::string& why) {
  if (ports_.is_ending() || std::exchange(told_unknown_, true)) return;
  const auto tell = ports_.tell_unknown;
  tell(why);
}

/// Last in each function: the report may end this probe.
void ExecProbe::count(pod::ProbeOutcome outcome, const std::string& message, const std::string& output) {
  const std::optional<bool> verdict = counter_.count(outcome);
  if (!verdict) return;
  const auto report = ports_.report;
  report(*verdict, message, output);
}

std::string describe_end(const CommandEnd& end) {
  if (!end.exit_code) return end.error;
  std::string words = fmt::format("command exited with {}", *end.exit_code);
  if (const std::string line = last_line(end.output); !line.empty()) words += ": " + line;
  return words;
}

}  // namespace podrun::supervisor
