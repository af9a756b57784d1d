// Why a step of a container's child failed, for people.
#pragma once

#include <cstddef>
#include <string>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// What an errno means for the step INDEX of `plan.child`: the system's words, and for ELOOP where the link lies that
/// was not followed.
std::string step_failure_text(const ContainerPlan& plan, std::size_t index, int error);

}  // namespace podrun::pod
