// The invariant of a container's standard streams.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Invariant 12 of verify.hpp.
Result<> verify_streams(const PodPlan& plan);

}  // namespace podrun::pod
