// What is compiled while a pod runs, as the next revision of a container's plan: a container whose image was fetched, and
// one with environment variables from files in volumes, which the pod's containers write, at each launch.
#pragma once

#include <optional>

#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/spec.hpp"
#include "pod/stored/stored.hpp"
#include "pod/text/result.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor {

/// What compiles such a container.
struct FileVariables {
  pod::Pod pod;  ///< has only those objects that are among the inputs
  pod::StoredInputs inputs;
};

/// Empty if no container of the pod has such variables, or waits for its image.
std::optional<FileVariables> file_variables_of(const LoadedPod& loaded);
/// What file_variables_of() has returned, from the parts that were stored.
FileVariables file_variables_from(pod::Pod pod, pod::StoredInputs inputs);

/// The plan of a container with the present content of its files: command, environment and subPathExpr depend on it; or
/// with its image, which is among the inputs now. `plan` is the pod's. Empty: the present plan is what it needs.
Result<std::optional<pod::ContainerPlan>> plan_with_files(const FileVariables& variables, std::size_t container,
                                                          const pod::PodPlan& plan, const ns::PodMounts& mounts);

}  // namespace podrun::supervisor
