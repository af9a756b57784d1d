// The invariants of an entering plan, the plan of an additional process in a running container.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Refuses a plan that violates an invariant. The error names the step and the invariant.
///  1. The steps are in this order: signals, not dumpable, session, oom_score_adj, namespaces, mounts, root, working
///     directory, terminal, limits, bounding set, filters, ids, no_new_privs, capabilities, PDEATHSIG, close, filter
///     that is last, exec. Only namespaces, mounts and filters may occur more than once.
///  2. No step that protects the host is missing: those before the namespaces, PDEATHSIG, close, exec.
///  3. Mounts are made only in a private mount namespace, so that the container's mounts do not change.
///  4. A process that enters a mount namespace changes its root and takes the container's limits, ids and capabilities:
///     it never works with the host's privileges on files of a container or an image.
///  5. Every slot that a step uses exists.
Result<> verify_entering(const ContainerPlan& plan);

}  // namespace podrun::pod
