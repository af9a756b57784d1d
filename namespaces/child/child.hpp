// The container's own process between clone3(2) and execve(2): it performs the plan's child steps in order.
//
// Its namespaces: it is born in a PID namespace of its own, or else in that of the supervisor (the host's);
// EnterNamespaces takes it into those of the pause. From NotDumpable to the exec no process in the pod can inspect it.
//
// A rule of this folder: every function is noexcept, none allocates, none logs, and the process ends by _exit(2) only.
// The code runs in a copy of the supervisor's memory, or in that memory itself (run_intermediate.hpp), and must neither
// change the heap nor return to the supervisor's code.
#pragma once

#include <cstddef>
#include <span>

#include "namespaces/child/shared_timestamps.hpp"
#include "namespaces/entry/entry_protocol.hpp"
#include "namespaces/kernel/seccomp_filters.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::ns {

/// A failed child and podrun-entry send the same report.
using entry::gate_closed;
using entry::StepFailure;

/// What the steps need beside the plan; prepared before the clone.
struct ChildContext {
  const int* descriptors;  ///< by slot
  char* const* argv;       ///< of the Exec step
  char* const* envp;
  const char* search_path; ///< PATH of the container
  unsigned last_capability;
  std::span<const Filter> filters;
  const SharedTimestamps* timestamps;  ///< event 0: the child runs; event N: step N of the plan is done
  bool through_entry =
      false;  ///< podrun-entry performs the last steps, and a process of another session gets the terminal
  int entered_later = 0;  ///< flags of clone(2): kinds of namespaces that podrun-entry enters, not EnterNamespaces
};

/// Performs the first `count` steps. Returns the index and errno of the one that failed; the errno is 0 if none did.
StepFailure run_steps(const pod::ContainerPlan& plan, const ChildContext& context, std::size_t count) noexcept;

/// Performs all steps; never returns. A failure goes to the report socket.
[[noreturn]] void run_child(const pod::ContainerPlan& plan, const ChildContext& context) noexcept;

}  // namespace podrun::ns
