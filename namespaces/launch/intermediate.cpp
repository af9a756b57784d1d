// Starts the intermediate.
#include "namespaces/launch/intermediate.hpp"

#include <linux/sched.h>
#include <signal.h>

#include <algorithm>
#include <cstddef>
#include <memory>

#include "namespaces/helper/clone3_onto.hpp"
#include "namespaces/launch/entry_order.hpp"

namespace podrun::ns {
namespace {

/// A process that shares its memory cannot change its time or user namespace, setns(2).
bool needs_own_memory(const pod::ContainerPlan& plan) {
  return std::ranges::any_of(plan.child, [](const pod::ChildStep& step) {
    const auto* const enter = std::get_if<pod::step::EnterNamespaces>(&step);
    return enter != nullptr && std::ranges::any_of(enter->kinds, [](pod::NamespaceKind kind) {
             return kind == pod::NamespaceKind::Time || kind == pod::NamespaceKind::User;
           });
  });
}

}  // namespace

Result<Process> start_intermediate(const pod::ContainerPlan& plan, const ChildContext& context,
                                   const EntryDescriptors& descriptors, int cgroup, IntermediateParent parent) {
  constexpr std::size_t stack_size = 256 * 1024;
  const auto stack = std::make_unique_for_overwrite<std::byte[]>(stack_size);
  const auto close = std::ranges::find_if(
      plan.child, [](const auto& step) { return std::holds_alternative<pod::step::CloseDescriptors>(step); });
  const IntermediateTask work{plan,
                              context,
                              descriptors,
                              first_step_of_entry(plan),
                              static_cast<std::size_t>(close - plan.child.begin()),
                              parent == IntermediateParent::MortalCaller};
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | CLONE_INTO_CGROUP | CLONE_VFORK;
  if (!needs_own_memory(plan))
    arguments.flags |= CLONE_VM;  // nothing is copied, and nothing has to be faulted in again
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  if (parent == IntermediateParent::Pause) arguments.flags |= CLONE_PARENT;
  else arguments.exit_signal = SIGCHLD;
  arguments.stack = reinterpret_cast<std::uintptr_t>(stack.get());
  arguments.stack_size = stack_size;
  const pid_t pid = helper::clone3_onto(arguments, run_intermediate, const_cast<IntermediateTask*>(&work));
  if (pid < 0) return fail_system("clone3", -pid);
  return Process{pid, Fd(pidfd)};
}

}  // namespace podrun::ns
