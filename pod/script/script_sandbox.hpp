// The pod's own part of a shell script: its files, its pause, its init. Pure.
#pragma once

#include <string>

#include "pod/script/script_container.hpp"

namespace podrun::pod::script {

/// The lines that make the pod's files below "$storage".
std::string files(const PodPlan& plan);

/// The lines that start the pause, and the init if there is one; `pause` and `init` are then their pids.
std::string sandbox(PodScript& pod);

}  // namespace podrun::pod::script
