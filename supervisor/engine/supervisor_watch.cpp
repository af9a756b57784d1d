// The exec and the exit of a container.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "pod/compile/compile_streams.hpp"
#include "pod/plan/describe.hpp"
#include "pod/plan/step_failure_text.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/supervisor.hpp"
#include "supervisor/logs/termination_message.hpp"

namespace podrun::supervisor {

/// "step 9 of 17: mount proc → /c/app/proc: Operation not permitted".
std::string Supervisor::describe_failure(std::size_t index, const ns::StepFailure& report) const {
  const pod::ContainerPlan& container = plan_.containers[index];
  if (report.step >= container.child.size())
    return fmt::format("step {}: {}", report.step + 1, ::strerror(report.error));
  const std::string step = pod::step_words("step", report.step, container.child.size(),
                                           pod::describe(container.child[report.step], container));
  return fmt::format("{}/{}: {}: {}", plan_.name, container.name, step,
                     pod::step_failure_text(container, report.step, report.error));
}

std::string Supervisor::describe_killed(std::size_t index) const {
  return fmt::format("{}/{}: killed before its program began", plan_.name, plan_.containers[index].name);
}

void Supervisor::log_started(std::size_t index) const {
  log_info("{}: started (pid {}, instance {})", plan_.containers[index].name, instances_[index].process.pid,
           instances_[index].number);
  if (terminal_ && terminal_->is_terminal() && !record_.status.containers[index].ever_started) log_attach_hint(index);
}

/// Tells a user at a terminal, once, that the container has a terminal of its own, whose content is not shown here.
void Supervisor::log_attach_hint(std::size_t index) const {
  const pod::AttachableStreams its = pod::attachable_streams(plan_.containers[index]);
  if (!its.terminal) return;
  const std::string& container = plan_.containers[index].name;
  const std::string pod = (record_.namespace_name == "default" ? record_.name : record_.id) + "/" + container;
  if (its.input != pod::AttachableStreams::Input::None)
    log_info("{}: has a terminal of its own; to use it: podrun attach -it {}", container, pod);
  else
    log_info(
        "{}: has a terminal of its own; to see it: podrun attach -t {} (podrun attach -it {} could use it if the "
        "manifest said stdin: true)",
        container, pod, pod);
}

/// Whether the child ended because its gate was not opened: its program never ran.
bool Supervisor::found_gate_closed(std::size_t index, const ns::StepFailure& report) const {
  const auto& steps = plan_.containers[index].child;
  return report.step < steps.size() && std::holds_alternative<pod::step::Gate>(steps[report.step]) &&
         report.error == ns::gate_closed;
}

/// The termination message of an instance that has ended and whose log is complete.
std::string Supervisor::read_termination_message(std::size_t index, int exit_code) const {
  const pod::ContainerPlan& container = plan_.containers[index];
  const auto file = std::ranges::find_if(container.host, [](const pod::HostStep& step) {
    return std::holds_alternative<pod::host::MessageFile>(step);
  });
  return termination_message({.file = file == container.host.end() ? "" : std::get<pod::host::MessageFile>(*file).path,
                              .log = instances_[index].log ? instances_[index].log->descriptors().file.get() : -1,
                              .policy = container.message_policy,
                              .containers = plan_.containers.size()},
                             exit_code);
}

Result<> Supervisor::watch(std::size_t index) {
  Instance& instance = instances_[index];
  instance.exit_watch = TRY(loop_.watch(instance.process.pidfd.get(), EPOLLIN, [this, index] { on_exit(index); }));
  instance.report_watch = TRY(loop_.watch(instance.report.get(), EPOLLIN, [this, index] { on_report(index); }));
  watch_output(index);
  return {};
}

/// Handles the report socket. End of file: the exec succeeded, or the child was killed before it. A report: a step
/// failed, and the child is ending.
void Supervisor::on_report(std::size_t index) {
  const ns::ExecOutcome outcome = ns::peek_report(instances_[index].report.get(), instances_[index].process.pid);
  if (outcome.kind == ns::ExecOutcome::Kind::Pending) return;
  instances_[index].report_watch.reset();
  discard_previous_instance(index, instances_[index].number);
  const pod::ContainerPlan& container = plan_.containers[index];
  if (outcome.kind == ns::ExecOutcome::Kind::Succeeded) {
    instances_[index].exec_seen = boot_now();
    log_started(index);
    return handle_container(index, event::ExecOk{});
  }
  if (outcome.kind == ns::ExecOutcome::Kind::Killed)
    return handle_container(index, event::ExecFailed{describe_killed(index)});
  const ns::StepFailure& report = outcome.report;
  if (found_gate_closed(index, report)) return;  // on_exit() handles this
  const bool own_step = report.step + 1U < container.child.size();
  handle_container(index, event::ExecFailed{describe_failure(index, report), own_step});
}

void Supervisor::on_exit(std::size_t index) {
  // When the first process of a PID namespace ends, the kernel kills the others and waits until they have been reaped.
  // Their exits therefore come first, while that process is ending.
  std::vector<std::size_t> ending;
  for (const Join& join : spec_.containers[index].joins)
    if (join.alive && ns::is_ending(record_.containers[join.container].pid)) ending.push_back(join.container);
  Instance& instance = instances_[index];
  if (instance.report_watch) on_report(index);  // the result of the exec comes before the exit
  instance.exit_watch.reset();
  if (instance.log) drain_log(index);
  const int number = record_.status.containers[index].instance;
  const Registered child = registered(index, number);
  const int code = child.exit_code.value_or(128);
  if (child.exec == Registered::Exec::AtGate) {
    on_pause();  // it says why before it closes a gate
    if (instance.refused != 0)
      return on_launch_failed(index, Error::system("the pause has not registered it", instance.refused));
    // A former supervisor may have died before the pause had its message.
    return handle_container(index, event::NeverRan{});
  }
  handle_container(index, event::Exited{code, read_termination_message(index, code)}, std::move(ending));
}

}  // namespace podrun::supervisor
