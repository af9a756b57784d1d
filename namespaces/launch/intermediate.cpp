// The process that goes before one that is born into a PID namespace where others live.
#include "namespaces/launch/intermediate.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>

#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/launch/entry_order.hpp"

namespace podrun::ns {
namespace {

/// All that it needs, in our memory.
struct IntermediateTask {
  const pod::ContainerPlan& plan;
  const ChildContext& context;
  const EntryDescriptors& descriptors;
  std::size_t steps;
  std::size_t close_step;  // of the CloseDescriptors
  bool dies_with_us;
};

/// setns(2): who shares its memory cannot change its time or user namespace.
bool needs_own_memory(const pod::ContainerPlan& plan) {
  return std::ranges::any_of(plan.child, [](const pod::ChildStep& step) {
    const auto* const enter = std::get_if<pod::step::EnterNamespaces>(&step);
    return enter != nullptr && std::ranges::any_of(enter->kinds, [](pod::NamespaceKind kind) {
             return kind == pod::NamespaceKind::Time || kind == pod::NamespaceKind::User;
           });
  });
}

/// Puts descriptors where podrun-entry expects them, and closes all others. None is in the way: they are moved up
/// first.
bool arrange(const EntryDescriptors& given) noexcept {
  constexpr int first_free = entry::after_last_fd;
  const std::array<std::pair<int, int>, 8> places{{{given.standard[0], 0},
                                                   {given.standard[1], 1},
                                                   {given.standard[2], 2},
                                                   {given.report, entry::report_fd},
                                                   {given.order, entry::order_fd},
                                                   {given.pid, entry::pid_fd},
                                                   {given.gate, entry::gate_fd},
                                                   {given.root, entry::root_fd}}};
  std::array<int, places.size()> moved{};
  for (std::size_t i = 0; i < places.size(); ++i) {
    moved[i] = places[i].first < 0 ? -1 : ::fcntl(places[i].first, F_DUPFD_CLOEXEC, first_free);
    if (places[i].first >= 0 && moved[i] < 0) return false;
  }
  const int program = ::fcntl(given.program, F_DUPFD_CLOEXEC, first_free);
  if (program < 0) return false;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (moved[i] < 0) ::close(places[i].second);
    else if (::dup2(moved[i], places[i].second) < 0) return false;
  }
  // The program's own place comes last: it is closed by the exec.
  return ::dup3(program, first_free, O_CLOEXEC) >= 0 || program == first_free;
}

void report(const IntermediateTask& work, std::size_t step, int error) noexcept {
  const StepFailure sent{static_cast<std::uint16_t>(step), static_cast<std::uint16_t>(error)};
  ::send(work.context.descriptors[pod::slot::report], &sent, sizeof sent, MSG_NOSIGNAL);
}

/// Returns only to fail.
void take_steps(const IntermediateTask& work) noexcept {
  if (work.dies_with_us && ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
    return report(work, entry::not_cloned, errno);
  if (const auto [step, error] = run_steps(work.plan, work.context, work.steps); error != 0)
    return report(work, step, error);
  if (!arrange(work.descriptors)) return report(work, entry::not_cloned, errno);
  std::size_t failed = work.close_step;
  if (::syscall(SYS_close_range, entry::after_last_fd + 1, ~0U, 0) == 0) {
    ::syscall(SYS_execveat, entry::after_last_fd, "", work.context.argv, work.context.envp, AT_EMPTY_PATH);
    failed = entry::not_cloned;
  }
  // The socket has this number now.
  const StepFailure sent{static_cast<std::uint16_t>(failed), static_cast<std::uint16_t>(errno)};
  ::send(entry::report_fd, &sent, sizeof sent, MSG_NOSIGNAL);
}

void be_intermediate(void* argument) noexcept {
  take_steps(*static_cast<const IntermediateTask*>(argument));
  ::syscall(SYS_exit_group, 128);
}

}  // namespace

Result<Process> start_intermediate(const pod::ContainerPlan& plan, const ChildContext& context,
                                   const EntryDescriptors& descriptors, int cgroup, bool dies_with_us) {
  constexpr std::size_t stack_size = 256 * 1024;
  const auto stack = std::make_unique_for_overwrite<std::byte[]>(stack_size);
  const auto close = std::ranges::find_if(
      plan.child, [](const auto& step) { return std::holds_alternative<pod::step::CloseDescriptors>(step); });
  const IntermediateTask work{plan, context, descriptors, first_step_of_entry(plan),
                  static_cast<std::size_t>(close - plan.child.begin()), dies_with_us};
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | CLONE_INTO_CGROUP | CLONE_VFORK;
  if (!needs_own_memory(plan))
    arguments.flags |= CLONE_VM;  // nothing is copied, and nothing has to be faulted in again
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  arguments.exit_signal = SIGCHLD;
  arguments.stack = reinterpret_cast<std::uintptr_t>(stack.get());
  arguments.stack_size = stack_size;
  const pid_t pid = sys::clone3_onto(arguments, be_intermediate, const_cast<IntermediateTask*>(&work));
  if (pid < 0) return fail_system("clone3", -pid);
  return Process{pid, Fd(pidfd)};
}

}  // namespace podrun::ns
