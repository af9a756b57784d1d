// Says why a step of a start failed: first in the words of the manifest, then the step and the system's error.
#pragma once

#include <cstddef>
#include <string>

#include "pod/failure/program_facts.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// "volume h: hostPath /srv does not exist (host step 5 of 7: tree hostPath /srv → fd h: No such file or directory)".
/// Where the manifest has no word for what went wrong: "step 7 of 38: attach fd root → /c/app: Invalid argument".
/// `error` is that of the step.
Error file_step_failure(const PodPlan& plan, std::size_t index, const Error& error);
Error memory_step_failure(const PodPlan& plan, std::size_t index, const Error& error);
Error sandbox_step_failure(const std::vector<SandboxStep>& steps, std::size_t index, int error);
Error network_step_failure(const NetworkPlan& network, std::size_t index, const Error& error);
Error host_step_failure(const ContainerPlan& plan, std::size_t index, const Error& error);

/// The same for a step of the container's process, or of a command that enters a container. `program` is what is known
/// of the program of the last step.
std::string child_step_failure(const ContainerPlan& plan, std::size_t index, int error,
                               const ProgramFacts& program = {});

/// The reason alone, of a step that has not been taken: "volume v at /sys/none: the container does not have it, …".
std::string foreseen_reason(const ContainerPlan& plan, std::size_t index, int error);
/// The same of the host step that opens a subPath.
std::string foreseen_sub_path_reason(const ContainerPlan& plan, std::size_t index, int error);

/// As the first ones for what no step of the plan names: the process of a container, and the pod's control group.
Error process_failure(const Error& error);
Error cgroup_failure(const Error& error);

}  // namespace podrun::pod
