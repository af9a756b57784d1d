// The invariant about Secrets and volumes in memory.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Verifies invariant 11 of verify().
Result<> verify_volumes(const PodPlan& plan);

}  // namespace podrun::pod
