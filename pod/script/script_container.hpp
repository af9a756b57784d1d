// Converts the plan of one container to shell.
#pragma once

#include <string>

#include "pod/plan/plan.hpp"
#include "pod/script/script_host.hpp"

namespace podrun::pod::script {

/// The lines that start a container and wait until its program runs. They set `pid_NAME` to its pid and `job_NAME` to
/// the job to wait for.
std::string container(PodScript& pod, const ContainerPlan& plan);

}  // namespace podrun::pod::script
