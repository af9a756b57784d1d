// The invariant about a container's standard streams.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Verifies invariant 12 of verify().
Result<> verify_streams(const PodPlan& plan);

}  // namespace podrun::pod
