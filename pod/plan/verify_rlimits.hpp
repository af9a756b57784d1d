// The invariant about attributes that a container's process must not inherit from podrun.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Verifies invariant 13 of verify().
Result<> verify_limits(const PodPlan& plan);

}  // namespace podrun::pod
