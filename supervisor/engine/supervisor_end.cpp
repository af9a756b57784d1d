// What is told to those who wait for the pod: systemd, and the caller of -d. And the end of a pod: by itself or on
// request, before its start is complete, or with its pause.
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/detached_start.hpp"
#include "supervisor/engine/supervisor.hpp"
#include "supervisor/history/event_log.hpp"
#include "supervisor/history/wait_outcome.hpp"
#include "supervisor/history/why.hpp"
#include "supervisor/state/pod_cleanup.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

/// How long a blocked terminal may delay the end of a pod that was asked to stop.
constexpr std::chrono::seconds terminal_timeout{1};

}  // namespace

/// Called when all events so far are handled.
void Supervisor::report_status() {
  const Progress& progress = pod_.record.status.progress;
  if (progress.begun && !progress.finished) {
    constexpr auto ready = static_cast<std::size_t>(ConditionType::Ready);
    network_.publish(pod_.record.status.conditions[ready].holds);
  }
  if (!progress.begun || progress.finished || (!ready_ && !notifier_.is_heard())) return;
  tell_who_waits();
  // A start without init containers is too short to be told.
  if (notifier_.is_heard() && (progress.announced || is_initializing(pod_.record)))
    notifier_.status(status_line(pod_.record));
}

/// Tells systemd and the caller, each once, that the pod is ready, or that it does not become ready any more. A service
/// that ends well before it was ready would have failed for systemd.
void Supervisor::tell_who_waits() {
  const bool systemd_waits = notifier_.is_heard() && !told_systemd_;
  const bool caller_waits = bool(ready_) && pod_.record.waits_for_ready;
  if (!systemd_waits && !caller_waits) return;
  const PodView view = view_of(pod_.record, boot_now(), wall_now());
  const WaitOutcome outcome = outcome_of(view, Awaited::Ready);
  const bool is_settled = outcome.state != WaitOutcome::State::NotYet;
  const bool has_started = pod_.record.ready_when_started && pod_.record.status.progress.announced;
  if (systemd_waits && (is_settled || has_started) && phase(pod_.record) != Phase::Failed) {
    told_systemd_ = true;
    notifier_.ready(status_line(pod_.record));
  }
  if (!caller_waits || !is_settled) return;
  if (outcome.state == WaitOutcome::State::Met) return send_start_result_to_caller(ExitStatus::Succeeded, "");
  send_start_result_to_caller(
      ExitStatus::Failed, fmt::format("pod {}: {}, so it does not become ready; {}", pod::pod_name(pod_.plan.id),
                                      outcome.why, why(view, read_events(logs_.folder()), "", wall_now())));
}

/// The pod has Succeeded, Failed or been stopped: writes the final status and ends.
void Supervisor::finish(bool succeeded) {
  tell_who_waits();
  network_.publish(false);
  if (pod_.record.status.progress.announced && notifier_.is_heard()) notifier_.status(status_line(pod_.record));
  exit_status_ = succeeded ? ExitStatus::Succeeded : ExitStatus::Failed;
  const PodStatus& status = pod_.record.status;
  const std::string_view end = status.stopping                           ? "stopped"
                               : phase(pod_.record) == Phase::Succeeded ? "succeeded"
                                                                          : "failed";
  log_info("pod {} {}", pod::pod_name(pod_.plan.id), end);
  PodView view = view_of(pod_.record, boot_now(), wall_now());
  view.given = read_given(pod_.layout, pod_.plan.id);
  if (auto written = logs_.folder().write_file("status.json", to_json(view), 0600); !written)
    log_warning("{}", written.error().message);
  if (status.stopping) {
    auto timer = pod_.loop.at(boot_now() + terminal_timeout, [this] { logs_.close_terminal(), try_to_leave(); });
    if (timer) leave_timer_ = std::move(*timer);
  }
  try_to_leave();
}

/// Leaves if the terminal has shown everything. Called again when the terminal can be written to.
void Supervisor::try_to_leave() {
  if (logs_.show_all()) leave(exit_status_);
}

void Supervisor::leave(ExitStatus status, const std::string& words) {
  const auto report_error = [](const Result<>& removed) {
    if (!removed) log_error("clean-up: {}", removed.error().message);
  };
  (void)pod_.pause.leaving();
  images_.end();
  helpers_.end();
  network_.disconnect();
  report_error(remove_remains({.layout = pod_.layout,
                               .facts = pod_.facts,
                               .id = pod_.plan.id,
                               .uid = pod_.plan.uid,
                               .cgroup_base = pod_.record.cgroup_base}));
  // The pause quits only after this process. It must be told before the state file is removed, because no later
  // supervisor could start without it.
  (void)pod_.pause.quit(static_cast<int>(status));
  report_error(remove_run_directory(pod_.layout, pod_.plan.id));
  logs_.close_terminal();  // its destructor ends an unfinished line
  send_start_result_to_caller(status, words);
  ::_exit(0);
}

/// Ends the pod because a step of podrun itself failed at its first start.
void Supervisor::abort_start(const std::string& words) {
  log_error("{}", words);
  write_failed_start(pod_.layout, pod_.record, words);
  std::string_view why = words;  // "web: …" or "web/app: …": the line names the pod already
  for (const std::string& name : {pod_.plan.name + ": ", pod_.plan.name + "/"})
    if (why.starts_with(name)) why.remove_prefix(name.size());
  leave(ExitStatus::CannotStart, fmt::format("pod {}: {}", pod::pod_name(pod_.plan.id), why));
}

/// The pause was killed, and with it all processes with PDEATHSIG; the others are killed through the cgroup.
void Supervisor::on_pause_gone() {
  log_error("the pause of pod {} is gone: ending its containers", pod::pod_name(pod_.plan.id));
  network_.release();  // the next run of the pod may start at this moment
  // Through the descriptor: another start may have claimed the name, removed the group and made a new one of that name.
  if (sandbox_.has_cgroup()) (void)sandbox_.cgroup().kill_all();
  helpers_.end();  // a helper may be removing the same files
  (void)remove_dead_pod(pod_.layout, pod_.facts, pod_.plan.id);
  ::_exit(static_cast<int>(ExitStatus::Failed));
}

void Supervisor::send_start_result_to_caller(ExitStatus status, const std::string& words) {
  if (!ready_) return;
  send_start_result(ready_, status, words);
  ready_.reset();
  (void)pod_.pause.release(ready_hold);
}

}  // namespace podrun::supervisor
