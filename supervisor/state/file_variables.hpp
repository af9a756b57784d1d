// Environment variables from files in volumes, which the pod's containers write. They are read at each launch.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/compile/compile.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/image.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor {

/// The input for compiling a container with such variables again.
struct FileVariables {
  pod::Pod pod;
  pod::Images images;
  pod::RunParameters run_parameters;
};

/// Moves the input out of a loaded pod; empty if no container has such variables.
std::optional<FileVariables> take_file_variables(LoadedPod& loaded);

/// The name under which the pause holds the environment that such a container was started with. `podrun exec` passes it
/// to its commands, because the files may have changed since.
std::string variables_in_memory(const std::string& container);

/// Converts the environment of a plan for that purpose, and back.
std::string to_text(const std::vector<std::string>& variables);
std::vector<std::string> parse_variables(std::string_view text);

/// The plan of a container with the present content of its files: command, environment and subPathExpr depend on it.
/// Empty: none of its variables comes from a file.
Result<std::optional<pod::ContainerPlan>> plan_with_files(const FileVariables& variables, std::size_t container,
                                                          const pod::HostFacts& facts, const ns::PodMounts& mounts);

}  // namespace podrun::supervisor
