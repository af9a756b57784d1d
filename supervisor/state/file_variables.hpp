// Variables that come from files of volumes: what the pod's containers have written, read at each launch.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/volumes/volumes.hpp"
#include "pod/compile/compile.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/image.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor {

/// What containers with such variables are compiled from once more.
struct FileVariables {
  pod::Pod pod;
  pod::Images images;
  pod::RunParameters run_parameters;
};

/// Takes it from what was loaded, if a container of the pod has such variables.
std::optional<FileVariables> take_file_variables(LoadedPod& loaded);

/// The name under which the pause holds, in memory, the variables that such a container was started with: `podrun exec`
/// gives them to its commands, and the files may say something else by then.
std::string variables_in_memory(const std::string& container);

/// Those of a plan, for there; and back.
std::string to_text(const std::vector<std::string>& variables);
std::vector<std::string> parse_variables(std::string_view text);

/// A container's plan by what its files say now: its command, its environment, its subPathExpr. Empty: none of its
/// variables comes from a file.
Result<std::optional<pod::ContainerPlan>> plan_with_files(const FileVariables& variables, std::size_t container,
                                                          const pod::HostFacts& facts, const ns::PodMounts& mounts);

}  // namespace podrun::supervisor
