// The end of a pod: by itself or on request, before its start is complete, or with its pause.
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/detached_start.hpp"
#include "supervisor/engine/supervisor.hpp"
#include "supervisor/state/pod_cleanup.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

/// How long a blocked terminal may delay the end of a pod that was asked to stop.
constexpr std::chrono::seconds terminal_timeout{1};

std::chrono::nanoseconds realtime_now() { return wall_now().time_since_epoch(); }

}  // namespace

/// The pod has Succeeded, Failed or been stopped: writes the final status and ends.
void Supervisor::finish(bool succeeded) {
  if (pod_.record.status.progress.announced && notifier_.is_heard()) notifier_.status(status_line(pod_.record));
  exit_status_ = succeeded ? ExitStatus::Succeeded : ExitStatus::Failed;
  const PodStatus& status = pod_.record.status;
  const std::string_view end = status.stopping                           ? "stopped"
                               : phase(pod_.record) == Phase::Succeeded ? "succeeded"
                                                                          : "failed";
  log_info("pod {} {}", pod::pod_name(pod_.plan.id), end);
  const std::string final_status = to_pod_json(pod_.record, boot_now(), realtime_now());
  if (auto written = logs_.folder().write_file("status.json", final_status, 0640); !written)
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
  helpers_.end();
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
