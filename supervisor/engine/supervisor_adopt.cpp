// Takes over from a former supervisor. The first supervisor does the same and finds nothing.
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "namespaces/launch/legacy_cells.hpp"
#include "namespaces/volumes/mounts.hpp"
#include "pod/compile/compile_streams.hpp"
#include "pod/spec/namespaces.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/supervisor.hpp"

namespace podrun::supervisor {
namespace {

/// Describes the end of the previous supervisor.
std::string describe_previous_exit(const ns::Holdings& holdings) {
  if (holdings.previous_hung) return "; the one before did not answer and was killed";
  if (!holdings.previous_exit) return "";
  const int status = *holdings.previous_exit;
  if (WIFSIGNALED(status)) return fmt::format("; the one before was killed by SIG{}", ::sigabbrev_np(WTERMSIG(status)));
  return fmt::format("; the one before exited with {}", WEXITSTATUS(status));
}

}  // namespace

/// Whether an unregistered child of the pause may have been launched by a former supervisor, or be one of its helpers.
/// If its container has a registered child, no launch was in progress, and it is an orphan of that container.
bool Supervisor::may_be_our_child(pid_t child, const ns::Holdings& holdings) const {
  const std::string group = cgroup_->group_of(child);
  // Without a group it is another child that the process had before it executed podrun.
  return !group.empty() && std::ranges::count(holdings.children, group, &ns::KeptItem::name) == 0;
}

/// An unregistered child never passes its gate. But until it reaches the gate, it works in the cgroup and the mounts of
/// its container, where another instance is about to be launched.
Result<> Supervisor::kill_unregistered_children(const ns::Holdings& holdings) {
  for (const pid_t child : TRY(ns::children_of(record_.pause))) {
    if (child == record_.supervisor || std::ranges::count(holdings.children, child, &ns::KeptItem::pid) > 0) continue;
    if (may_be_our_child(child, holdings))
      if (const auto stray = ns::open_process(child)) TRY_VOID(ns::end(*stray, kill_timeout));
    TRY_VOID(pause_.reap(child));  // the pause reaps it only if it has exited
  }
  return {};
}

Result<> Supervisor::adopt(ns::Holdings& holdings) {
  TRY_VOID(kill_unregistered_children(holdings));
  std::vector<std::optional<Registered>> found(plan_.containers.size());
  for (ns::KeptItem& child : holdings.children) {
    const std::optional<std::size_t> of = index_of(child.name);
    if (!of) continue;
    const std::size_t index = *of;
    TRY_VOID(adopt_child(index, child));
    if (auto recovered = instances_[index].log->recover(); !recovered)
      log_warning("{}: log: {}", child.name, recovered.error().message);
    found[index] = registered(index, child.instance);
    record_.containers[index].pid = child.pid;
    record_.containers[index].pid_started = ns::start_ticks(child.pid).value_or(0);
    if (const auto code = found[index]->exit_code) {
      drain_log(index);
      found[index]->message = read_termination_message(index, *code);
    }
  }
  for (std::size_t index = 0; index < found.size(); ++index)
    if (found[index]) TRY_VOID(resume(index, *found[index]));
  handle(event::Adopted{found});
  for (std::size_t index = 0; index < found.size(); ++index)
    if (found[index]) show(index);
  if (!holdings.children.empty())
    log_info("supervisor {} took over {} container{}{}", record_.supervisor, holdings.children.size(),
             holdings.children.size() == 1 ? "" : "s", describe_previous_exit(holdings));
  return {};
}

/// Watches an adopted child from now on. Its report is part of what was found, and must not be handled again. But the
/// former supervisor may have died before it logged the start, or discarded the previous instance.
Result<> Supervisor::resume(std::size_t index, const Registered& child) {
  const ContainerStatus& status = record_.status.containers[index];
  const bool is_known = child.instance <= status.instance && status.started != BootTime{0};
  if (!is_known && child.exec == Registered::Exec::Succeeded) log_started(index);
  if (!child.exit_code) TRY_VOID(watch(index));
  if (child.exec == Registered::Exec::Pending) return {};
  instances_[index].report_watch.reset();
  discard_previous_instance(index, instances_[index].number);
  return {};
}

/// For a pod that was started by an older podrun: gives containers that start from now on access to what they share,
/// which is in another place now.
void Supervisor::migrate_from_old_pause(const ns::Holdings& holdings) {
  if (is_first_ || !ns::has_legacy_cells(holdings.version)) return;
  Fd proc;
  for (const ns::KeptItem& child : holdings.children) {
    const std::optional<std::size_t> index = index_of(child.name);
    if (proc || !index || child.fds.empty()) continue;
    const pod::NamespaceSource pids = pod::source_of(plan_.containers[*index].namespaces, pod::NamespaceKind::Pid);
    if (pids.owner != pod::NamespaceOwner::Pod) continue;
    const int process = child.fds.front().fd.get();
    if (auto cloned = ns::clone_proc({.to = {}, .container = child.name, .read_only = false}, process))
      proc = std::move(*cloned);
  }
  if (const auto given = ns::migrate_legacy_cells({.pause = pause_pidfd_.get(), .cells = cells_.get()}, proc); !given)
    log_warning("pod {} was started by an older podrun: {}; its containers cannot start again", plan_.id,
                given.error().message);
}

/// The inverse of keep().
Result<> Supervisor::adopt_child(std::size_t index, ns::KeptItem& child) {
  Instance& instance = instances_[index];
  instance = {.number = child.instance,
              .process = {child.pid, child.take(ns::Role::Process)},
              .terminated = child.signalled == SIGTERM,
              .report = child.take(ns::Role::Report),
              .input = child.take(ns::Role::Input)};
  if (!instance.process.pidfd || !instance.report)
    return fail(fmt::format("the pause does not hold the descriptors of {}", child.name));
  if (const auto opened = log_folders_[index]->open(); !opened)
    log_warning("{}: log: {}", child.name, opened.error().message);
  shown_[index].place = LogCursor(log_folders_[index], child.take(ns::Role::Displayed));
  auto log = TRY(LogDescriptors::from(child));
  instance.log.emplace(std::move(log), log_folders_[index], child.instance, log_pump_callbacks(index));
  return {};
}

/// Determines what the register and the kernel know of a container's child.
Registered Supervisor::registered(std::size_t index, int instance) const {
  const Instance& child = instances_[index];
  Registered state{.instance = instance, .terminated = child.terminated};
  // Read before the report, which is final once the process has ended.
  const auto ended = ns::peek_exit(child.process.pid);
  if (ended && *ended) state.exit_code = ns::exit_code_of(**ended);
  const ns::ExecOutcome outcome = ns::peek_report(child.report.get(), child.process.pid);
  switch (outcome.kind) {
    case ns::ExecOutcome::Kind::Pending: state.exec = Registered::Exec::Pending; break;
    case ns::ExecOutcome::Kind::Succeeded: state.exec = Registered::Exec::Succeeded; break;
    case ns::ExecOutcome::Kind::Failed:
      state.exec = found_gate_closed(index, outcome.report) ? Registered::Exec::AtGate : Registered::Exec::Failed;
      state.start_error = describe_failure(index, outcome.report);
      break;
    case ns::ExecOutcome::Kind::Killed:
      state.exec = Registered::Exec::Failed;
      state.start_error = describe_killed(index);
      break;
  }
  return state;
}

}  // namespace podrun::supervisor
