// The exec and the exit of a container.
#include <signal.h>

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "namespaces/launch/look_at_program.hpp"
#include "pod/compile/compile_streams.hpp"
#include "pod/failure/step_failure.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/container_runtime.hpp"
#include "supervisor/logs/termination_message.hpp"

namespace podrun::supervisor {

Result<> ContainerRuntime::watch() {
  EventLoop& loop = ports_.pod.loop;
  exit_watch_ = TRY(loop.watch(process_.pidfd.get(), EPOLLIN, [this] { on_exit(); }));
  report_watch_ = TRY(loop.watch(report_.get(), EPOLLIN, [this] { on_report(); }));
  log_.watch();
  return {};
}

/// Handles the report socket. End of file: the exec succeeded, or the child was killed before it. A report: a step
/// failed, and the child is ending.
void ContainerRuntime::on_report() {
  const ns::ExecOutcome outcome = ns::peek_report(report_.get(), process_.pid);
  if (outcome.kind == ns::ExecOutcome::Kind::Pending) return;
  report_watch_.reset();
  discard_previous_instance(number_);
  if (outcome.kind == ns::ExecOutcome::Kind::Succeeded) {
    if (times_) times_->exec_seen = boot_now();
    log_started();
    return handle(event::ExecOk{});
  }
  if (outcome.kind == ns::ExecOutcome::Kind::Killed) return handle(event::ExecFailed{describe_killed()});
  if (found_gate_closed(outcome.report)) return;  // on_exit() handles this
  const bool own_step = outcome.report.step + 1U < plan().child.size();
  handle(event::ExecFailed{describe_failure(outcome.report), own_step});
}

void ContainerRuntime::on_exit() {
  // When the first process of a PID namespace ends, the kernel kills the others and waits until they have been reaped.
  // Their exits therefore come first, while that process is ending.
  std::vector<std::size_t> ending;
  for (const std::size_t owner : owners_)
    if (ns::is_ending(ports_.pod.record.containers[owner].pid)) ending.push_back(owner);
  if (report_watch_) on_report();  // the result of the exec comes before the exit
  exit_watch_.reset();
  log_.drain();
  const Registered child = registered();
  const int code = child.exit_code.value_or(128);
  if (child.exec == Registered::Exec::AtGate) {
    ports_.sync_with_pause();
    if (refused_ != 0) return on_launch_failed(Error::system("the pause has not stored it", refused_));
    // A former supervisor may have died before the pause had its message.
    return handle(event::NeverRan{});
  }
  handle(event::Exited{.exit_code = code,
                       .message = read_termination_message(code),
                       .oom_killed = was_oom_killed(code)},
         std::move(ending));
}

/// What the register and the kernel know of the child.
Registered ContainerRuntime::registered() const {
  Registered state{.instance = number_, .terminated = terminated_};
  for (const pod::HookKind kind : {pod::HookKind::PostStart, pod::HookKind::PreStop})
    state.hooks[kind] = health_.hook_in_register(kind);
  // Read before the report, which is final once the process has ended.
  const auto ended = ns::peek_exit(process_.pid);
  if (ended && *ended) state.exit_code = ns::exit_code_of(**ended);
  const ns::ExecOutcome outcome = ns::peek_report(report_.get(), process_.pid);
  switch (outcome.kind) {
    case ns::ExecOutcome::Kind::Pending: state.exec = Registered::Exec::Pending; break;
    case ns::ExecOutcome::Kind::Succeeded: state.exec = Registered::Exec::Succeeded; break;
    case ns::ExecOutcome::Kind::Failed:
      state.exec = found_gate_closed(outcome.report) ? Registered::Exec::AtGate : Registered::Exec::Failed;
      state.start_error = describe_failure(outcome.report);
      break;
    case ns::ExecOutcome::Kind::Killed:
      state.exec = Registered::Exec::Failed;
      state.start_error = describe_killed();
      break;
  }
  return state;
}

/// Known only where the host counts it for the container's control group.
bool ContainerRuntime::was_oom_killed(int exit_code) const {
  if (exit_code != 128 + SIGKILL) return false;
  const auto group = ports_.sandbox.cgroup().container(plan().name);
  return group && ns::oom_kills(*group) > oom_kills_;
}

// ---- words ----

/// "web/app: workingDir /x is not a directory (step 28 of 38: chdir /x: Not a directory)".
std::string ContainerRuntime::describe_failure(const ns::StepFailure& report) const {
  const bool is_exec = report.step + 1U == plan().child.size();
  const pod::ProgramFacts program =
      is_exec ? ns::look_at_program_in_cell(ports_.sandbox.mounts().cells, plan()) : pod::ProgramFacts{};
  return fmt::format("{}/{}: {}", ports_.pod.plan.name, plan().name,
                     pod::child_step_failure(plan(), report.step, report.error, program));
}

std::string ContainerRuntime::describe_killed() const {
  return fmt::format("{}/{}: killed before its program began", ports_.pod.plan.name, plan().name);
}

/// Whether the child ended because its gate was not opened: its program never ran.
bool ContainerRuntime::found_gate_closed(const ns::StepFailure& report) const {
  const std::vector<pod::ChildStep>& steps = plan().child;
  return report.step < steps.size() && std::holds_alternative<pod::step::Gate>(steps[report.step]) &&
         report.error == ns::gate_closed;
}

/// The termination message of an instance that has ended and whose log is complete.
std::string ContainerRuntime::read_termination_message(int exit_code) const {
  const auto file = std::ranges::find_if(plan().host, [](const pod::HostStep& step) {
    return std::holds_alternative<pod::host::MessageFile>(step);
  });
  const LogDescriptors* const log = log_.descriptors();
  return termination_message({.file = file == plan().host.end() ? "" : std::get<pod::host::MessageFile>(*file).path,
                              .log = log != nullptr ? log->file.get() : -1,
                              .policy = plan().message_policy,
                              .containers = ports_.pod.plan.containers.size()},
                             exit_code);
}

void ContainerRuntime::log_started() const {
  log_info("{}: started (pid {}, instance {})", plan().name, process_.pid, number_);
  const ForegroundTerminal* const terminal = ports_.logs.terminal();
  if (terminal != nullptr && terminal->is_terminal() && !status().ever_started) log_attach_hint();
}

/// Tells a user at a terminal, once, that the container has a terminal of its own, whose content is not shown here.
void ContainerRuntime::log_attach_hint() const {
  const pod::AttachableStreams its = pod::attachable_streams(plan());
  if (!its.terminal) return;
  const PodRecord& record = ports_.pod.record;
  const std::string pod = pod::pod_name(record.id) + "/" + plan().name, podrun = ports_.pod.layout.command();
  if (its.input != pod::AttachableStreams::Input::None)
    log_info("{}: has a terminal of its own; to use it: {} attach -it {}", plan().name, podrun, pod);
  else
    log_info(
        "{0}: has a terminal of its own; to see it: {1} attach -t {2} ({1} attach -it {2} could use it if the "
        "manifest said stdin: true)",
        plan().name, podrun, pod);
}

}  // namespace podrun::supervisor
