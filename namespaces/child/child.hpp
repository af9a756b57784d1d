// The container's own process between clone3(2) and execve(2): walks the plan's child steps in order.
//
// Whose namespaces: born in a PID namespace of its own, else in the supervisor's (the host's); EnterNamespaces takes it
// into the pause's. From NotDumpable to the exec nobody in the pod can look into it.
//
// Code here runs in a copy of the supervisor that has one purpose: noexcept, no allocation, no logging, _exit only.
#pragma once

#include <cstddef>
#include <span>

#include "namespaces/child/shared_timestamps.hpp"
#include "namespaces/entry/entry_protocol.hpp"
#include "namespaces/kernel/seccomp_filters.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::ns {

/// What a failed child sends is what podrun-entry sends.
using entry::gate_closed;
using entry::StepFailure;

/// What the steps need beside themselves, prepared before the clone.
struct ChildContext {
  const int* descriptors;  ///< by slot
  char* const* argv;       ///< of the Exec step
  char* const* envp;
  const char* search_path; ///< PATH of the container
  unsigned last_capability;
  std::span<const Filter> filters;
  const SharedTimestamps* timestamps;  ///< event 0: it lives; event N: step N of the plan is done
  bool through_entry =
      false;  ///< podrun-entry takes the last steps, and a process of another session gets the terminal
};

/// Performs the first `count` steps. The index and errno of the one that failed; errno 0: none did.
StepFailure run_steps(const pod::ContainerPlan& plan, const ChildContext& context, std::size_t count) noexcept;

/// Performs the steps; never returns.
[[noreturn]] void run_child(const pod::ContainerPlan& plan, const ChildContext& context) noexcept;

}  // namespace podrun::ns
