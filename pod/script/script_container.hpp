// One container of a shell script. Pure.
#pragma once

#include <string>

#include "pod/plan/plan.hpp"
#include "pod/script/script_host.hpp"

namespace podrun::pod::script {

/// The lines that start a container and wait for its program; `pid_NAME` is then its pid and `job_NAME` what
/// to wait for.
std::string container(PodScript& pod, const ContainerPlan& plan);

}  // namespace podrun::pod::script
