// The invariant of what a container's process must not inherit from podrun.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Invariant 13 of verify.hpp.
Result<> verify_limits(const PodPlan& plan);

}  // namespace podrun::pod
