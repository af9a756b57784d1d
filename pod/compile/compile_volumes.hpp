// Compiles the volumes of a pod: the steps that make them, and the sources of their mounts.
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

/// The directory of an emptyDir or of a volume of files on disk. `storage` is the pod's directory.
std::string volume_path(std::string_view storage, std::string_view volume);

/// The steps that make the volumes when the pod starts.
struct VolumeSteps {
  std::vector<FileStep> files;
  std::vector<MemoryStep> memory;
};
/// Compiles the volumes. Errors: those of volume_files().
Result<VolumeSteps> compile_volumes(const Pod& pod, const HostFacts& facts, const RunParameters& run_parameters);

/// All errors of the volumes, each with its field.
std::vector<Error> volume_errors(const Pod& pod, const HostFacts& facts, const RunParameters& run_parameters);

/// A volume as the source of mounts.
struct VolumeSource {
  std::string path;   ///< path on the host, or the name of a volume in memory
  std::string label;  ///< for display
  bool in_memory = false;
  bool read_only = false;  ///< read-only independently of the mount
  bool no_exec = false;
  bool is_device = false;
  std::vector<std::string> layers{};  ///< host::CloneTree::layers
  bool user_xattr = false;
};
VolumeSource source_of(const Volume& volume, const Pod& pod, const Images& images, const RunParameters& run_parameters);

}  // namespace podrun::pod
