// The invariants about the sandbox and its networks.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Verifies invariant 10 of verify(), and that the pause makes every namespace of the pod that a container uses.
Result<> verify_sandbox(const PodPlan& plan);

/// Verifies invariant 14, after the sandbox.
Result<> verify_networks(const PodPlan& plan);

}  // namespace podrun::pod
