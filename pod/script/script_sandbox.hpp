// Converts the files and sandbox steps of a plan to shell.
#pragma once

#include <string>

#include "pod/script/script_container.hpp"

namespace podrun::pod::script {

/// The lines that make the pod's files below "$storage".
std::string files(const PodPlan& plan);

/// The lines that start the pause, and the init if there is one. They set `pause` and `init` to the pids.
std::string sandbox(PodScript& pod);

}  // namespace podrun::pod::script
