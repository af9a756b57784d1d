// The invariant of the sandbox: one of verify()'s.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Invariant 10: the pause unshares, then leaves the host's root, before it changes anything, and makes every namespace
/// of the pod that a container uses.
Result<> verify_sandbox(const PodPlan& plan);

}  // namespace podrun::pod
