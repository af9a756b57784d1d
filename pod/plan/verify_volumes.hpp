// The invariant of volumes in memory.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// Invariant 11 of verify(): a Secret's text touches no disk, and a tree in memory is of a volume that the plan makes.
Result<> verify_volumes(const PodPlan& plan);

}  // namespace podrun::pod
