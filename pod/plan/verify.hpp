// The invariants of a plan. compile() makes plans that satisfy them, and they are verified before a plan is executed.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Refuses a plan that violates an invariant. The error names the container, the step and the invariant.
///  1. There is exactly one Exec, and it is the last step.
///  2. Signals are reset first.
///  3. Every mount comes before the change of root, which is one PivotRoot in a private mount namespace, else one
///     Chroot. No step after it has a path of the host.
///  4. The bounding set and the seccomp filter, then the ids, then the capabilities are set, in that order and after
///     the change of root. A root that becomes read-only does so before them.
///  5. PDEATHSIG is set after the ids, whose change clears it; no_new_privs is set before the capabilities are dropped.
///  6. Descriptors are closed after their last use; the gate comes directly before the Exec.
///  7. Every slot that a step uses is provided by an earlier step or by the launch.
///  8. The root is attached before anything is mounted in it, and made read-only after the last mount. No mount covers
///     an earlier one, except a volume at /dev, which lies on podrun's devices. The root is in the container's own cell.
///  9. The process is not dumpable and has a new session when it enters the pod, enters the pod before it mounts
///     anything, and enters exactly the namespaces that its composition takes from others.
/// 10. The pause unshares, then leaves the host's root, before it changes anything.
/// 11. A Secret's value is not written to disk; a tree in memory belongs to a volume that the plan makes.
/// 12. stdin, stdout and stderr are connected once: to a terminal, in the new session, or to pipes, after which stdin
///     may be connected to another pipe.
/// 13. oom_score_adj is written while /proc is the host's. Every resource limit is set, once, after the change of root
///     and before the capabilities are dropped.
/// 14. A network's filter follows its link, and precedes what lets traffic pass. Only what has the network's addresses
///     comes in by its interface. It belongs to a namespace that is held, and has a number of its own.
Result<> verify(const PodPlan& plan);

/// The number of invariants.
inline constexpr int invariants = 14;

}  // namespace podrun::pod
