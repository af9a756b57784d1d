// The laws of an entering plan: verify.hpp's for a process that comes into a container which runs.
#pragma once

#include "pod/plan.hpp"
#include "pod/result.hpp"

namespace podrun::pod {

/// Refuses a plan that breaks a law; the error names the step and the law.
///  1. the steps come in one order: signals, not dumpable, session, namespaces, root, working directory, terminal,
///     bounding set, ids, no_new_privs, capabilities, PDEATHSIG, close, exec; none comes twice
///  2. none of them is missing that protects the host: those before the namespaces, PDEATHSIG, close, exec
///  3. nothing is mounted: the container's mounts are its own
///  4. who enters the mount namespace enters the root, and has the root only with the container's ids and
///     capabilities: the host's powers never meet what the container has put there
///  5. every slot that a step uses is there
Result<> verify_entering(const ContainerPlan& plan);

}  // namespace podrun::pod
