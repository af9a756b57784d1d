// The volumes of a pod: what is made for them once, and how a container gets at each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/compile/compile.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/image.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The directory of an emptyDir, or of a volume of files, on disk; `storage` is the pod's own directory.
std::string volume_path(std::string_view storage, std::string_view volume);

/// What is made for the volumes when the pod starts.
struct VolumeSteps {
  std::vector<FileStep> files;
  std::vector<MemoryStep> memory;
};
/// Errors: those of volume_files(); a claim that no document declares.
Result<VolumeSteps> compile_volumes(const Pod& pod, const HostFacts& facts, const RunParameters& run_parameters);

/// A volume as the source of a container's mounts.
struct VolumeSource {
  std::string path;   ///< of the host; of one in memory its name
  std::string label;  ///< for people
  bool in_memory = false;
  bool read_only = false;  ///< whatever the mount says
  bool no_exec = false;
  bool is_device = false;
};
VolumeSource source_of(const Volume& volume, const Pod& pod, const Images& images, const RunParameters& run_parameters);

}  // namespace podrun::pod
