// The end of a pod: by itself or on request, before its start is complete, or with its pause.
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/supervisor.hpp"
#include "supervisor/state/pod_cleanup.hpp"

namespace podrun::supervisor {
namespace {

/// How long a blocked terminal may delay the end of a pod that was asked to stop.
constexpr std::chrono::seconds terminal_timeout{1};

std::chrono::nanoseconds realtime_now() { return wall_now().time_since_epoch(); }

}  // namespace

void send_start_result(const Fd& ready, ExitStatus status, const std::string& words) {
  const std::string message = static_cast<char>(status) + words;
  (void)!::write(ready.get(), message.data(), message.size());
}

/// The pod has Succeeded, Failed or been stopped: writes the final status and ends.
void Supervisor::finish(bool succeeded) {
  report_status();
  exit_status_ = succeeded ? ExitStatus::Succeeded : ExitStatus::Failed;
  const Phase end = phase(record_.status);
  log_info("pod {} {}", plan_.id,
           record_.status.stopping   ? "stopped"
           : end == Phase::Succeeded ? "succeeded"
                                     : "failed");
  if (auto written = run_logs_.write_file("status.json", to_pod_json(record_, boot_now(), realtime_now()), 0640);
      !written)
    log_warning("{}", written.error().message);
  if (record_.status.stopping) {
    auto timer = loop_.at(boot_now() + terminal_timeout, [this] { terminal_.reset(), try_to_leave(); });
    if (timer) leave_timer_ = std::move(*timer);
  }
  try_to_leave();
}

/// Leaves if the terminal has shown everything. Called again when the terminal can be written to.
void Supervisor::try_to_leave() {
  if (show_all()) leave(exit_status_);
}

void Supervisor::wait_for_helpers() {
  if (awaited_task_) {
    (void)ns::send_signal(awaited_task_->process, SIGKILL);
    (void)ns::finish_child_task(*awaited_task_);
  }
  for (const Helper& helper : helpers_) (void)ns::wait_for(helper.process);
}

void Supervisor::leave(ExitStatus status, const std::string& words) {
  const auto report_error = [](const Result<>& removed) {
    if (!removed) log_error("clean-up: {}", removed.error().message);
  };
  (void)pause_.leaving();
  wait_for_helpers();
  report_error(remove_processes(facts_, record_.cgroup_base, plan_.id));
  report_error(remove_storage(layout_, plan_.uid));
  // The pause quits only after this process. It must be told before the state file is removed, because no later
  // supervisor could start without it.
  (void)pause_.quit(static_cast<int>(status));
  report_error(remove_run_directory(layout_, plan_.id));
  terminal_.reset();  // its destructor ends an unfinished line
  send_start_result_to_caller(status, words);
  ::_exit(0);
}

/// Ends the pod because a step of podrun itself failed at its first start.
void Supervisor::abort_start(const std::string& words) {
  log_error("{}", words);
  leave(ExitStatus::CannotStart, fmt::format("pod {}: {}", plan_.id, words));
}

/// The pause was killed, and with it all processes with PDEATHSIG; the others are killed through the cgroup.
void Supervisor::on_pause_gone() {
  log_error("the pause of pod {} is gone: ending its containers", plan_.id);
  // Through the descriptor: another start may have claimed the name, removed the group and made a new one of that name.
  if (cgroup_) (void)cgroup_->kill_all();
  wait_for_helpers();  // a helper may be removing the same files
  (void)remove_dead_pod(layout_, facts_, plan_.id);
  ::_exit(static_cast<int>(ExitStatus::Failed));
}

void Supervisor::send_start_result_to_caller(ExitStatus status, const std::string& words) {
  if (!ready_) return;
  send_start_result(ready_, status, words);
  ready_.reset();
  (void)pause_.release(ready_hold);
}

}  // namespace podrun::supervisor
