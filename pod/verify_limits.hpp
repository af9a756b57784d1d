// The law of what a container's process must not inherit from podrun.
#pragma once

#include "pod/plan.hpp"
#include "pod/result.hpp"

namespace podrun::pod {

/// Law 13 of verify.hpp.
Result<> verify_limits(const PodPlan& plan);

}  // namespace podrun::pod
