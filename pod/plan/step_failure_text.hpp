// Explains why a step of a container's process failed.
#pragma once

#include <cstddef>
#include <string>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// The explanation of an errno of the step INDEX of `plan.child`: strerror(3), and for ELOOP the place of the symbolic
/// link that was not followed.
std::string step_failure_text(const ContainerPlan& plan, std::size_t index, int error);

}  // namespace podrun::pod
