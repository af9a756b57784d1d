// The invariants of an entering plan: verify.hpp's for a process that comes into a container which runs.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Refuses a plan that violates an invariant; the error names the step and the invariant.
///  1. the steps come in one order: signals, not dumpable, session, namespaces, mounts, root, working directory,
///  terminal,
///     bounding set, ids, no_new_privs, capabilities, PDEATHSIG, close, exec; none but namespaces and mounts comes
///     twice
///  2. none of them is missing that protects the host: those before the namespaces, PDEATHSIG, close, exec
///  3. nothing is mounted but in a mount namespace of its own: the container's mounts are the container's
///  4. who enters a mount namespace changes its root, and does so only with the container's ids and capabilities: the
///     host's powers never meet what a container or an image has put there
///  5. every slot that a step uses is there
Result<> verify_entering(const ContainerPlan& plan);

}  // namespace podrun::pod
