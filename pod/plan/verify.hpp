// The invariants of a plan's order. compile() obeys them; whoever runs a plan checks them first.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Refuses a plan that violates an invariant; the error names the container, the step and the invariant.
///  1. exactly one Exec, and it is last
///  2. signals are reset first
///  3. every mount comes before the one change of root: PivotRoot where the mounts are its own, else Chroot; nothing
///  after it
///     names a host path
///  4. bounding set and filter of system calls, then ids, then capabilities, in that order and after the change of root
///  5. PDEATHSIG after the ids, which clear it; no_new_privs before the capabilities go
///  6. descriptors are closed after their last use; the gate comes just before the Exec
///  7. every slot that a step uses is provided by an earlier one (or by the launch)
///  8. the root is attached before anything is mounted in it, and made read-only after everything was; no mount
///     covers an earlier one; the root's place is the container's own
///  9. the process enters the pod not dumpable and in a session of its own, before it mounts anything, and
///     enters just the namespaces that its composition takes from elsewhere
/// 10. the pause unshares, then leaves the host's root, before it changes anything
/// 11. a Secret's text touches no disk; a tree in memory is of a volume that the plan makes
/// 12. stdin, stdout and stderr are connected once, after the session is new: to pipes, and then perhaps stdin to one
/// more,
///     or to a terminal
/// 13. oom_score_adj is written before the host's /proc is left; every resource limit is set, once, after the change of
/// root
///     and before the capabilities go
Result<> verify(const PodPlan& plan);

/// How many invariants there are.
inline constexpr int invariants = 13;

}  // namespace podrun::pod
