// Environment variables from files in volumes, which the pod's containers write. They are read at each launch, for
// which the container's plan is compiled again, as its next revision.
#pragma once

#include <optional>

#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/spec.hpp"
#include "pod/stored/stored.hpp"
#include "pod/text/result.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor {

/// What compiles a container with such variables again.
struct FileVariables {
  pod::Pod pod;  ///< has only those objects that are among the inputs
  pod::StoredInputs inputs;
};

/// Empty if no container of the pod has such variables.
std::optional<FileVariables> file_variables_of(const LoadedPod& loaded);
/// What file_variables_of() has returned, from the parts that were stored.
FileVariables file_variables_from(pod::Pod pod, pod::StoredInputs inputs);

/// The plan of a container with the present content of its files: command, environment and subPathExpr depend on it.
/// `plan` is the pod's. Empty: none of the container's variables comes from a file.
Result<std::optional<pod::ContainerPlan>> plan_with_files(const FileVariables& variables, std::size_t container,
                                                          const pod::PodPlan& plan, const ns::PodMounts& mounts);

}  // namespace podrun::supervisor
