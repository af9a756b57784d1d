// What the containers of a pod share, and how a container sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pod/spec/spec_env.hpp"
#include "pod/text/quantity.hpp"

namespace podrun::pod {

/// `recursiveReadOnly`: whether readOnly holds for the mounts below, too.
enum class RecursiveReadOnly { Disabled, IfPossible, Enabled };
/// `mountPropagation`: which mounts made later cross over.
enum class MountPropagation { None, HostToContainer, Bidirectional };

/// Container `volumeMounts[]`: where one of the pod's volumes appears in a container.
struct VolumeMount {
  std::string name;        ///< the volume's
  std::string mount_path;  ///< absolute, in the container
  bool read_only = false;
  RecursiveReadOnly recursive_read_only = RecursiveReadOnly::Disabled;
  std::string sub_path;       ///< of the volume; relative, without ".."
  std::string sub_path_expr;  ///< the same with $(VAR)s; one of the two is empty
  MountPropagation mount_propagation = MountPropagation::None;
};

/// `emptyDir.medium`.
enum class Medium { Disk, Memory };

/// `volumes[].emptyDir`: a directory that lives as long as the pod.
struct EmptyDir {
  Medium medium = Medium::Disk;
  std::optional<Quantity> size_limit;
};

/// `hostPath.type`: what must lie there, or is made.
enum class HostPathType {
  Any,  ///< "", the default: nothing is checked
  DirectoryOrCreate,
  Directory,
  FileOrCreate,
  File,
  Socket,
  CharDevice,
  BlockDevice,
};

/// `volumes[].hostPath`: a file or directory of the host.
struct HostPath {
  std::string path;
  HostPathType type = HostPathType::Any;
};

/// `items[]`: a key and the file it becomes.
struct KeyToPath {
  std::string key;
  std::string path;                  ///< relative, without ".."
  std::optional<std::int32_t> mode;  ///< absent: the volume's
};

/// The mode of files for which none is said.
inline constexpr std::int32_t default_file_mode = 0644;

/// `volumes[].configMap`, and a projected volume's, where `default_mode` is not used.
struct ConfigMapFiles {
  std::string name;
  std::vector<KeyToPath> items;  ///< empty: each key is a file of its name
  std::int32_t default_mode = default_file_mode;
  bool optional = false;
};

/// `volumes[].secret`, and a projected volume's, where `default_mode` is not used.
struct SecretFiles {
  std::string name;
  std::vector<KeyToPath> items;  ///< empty: each key is a file of its name
  std::int32_t default_mode = default_file_mode;
  bool optional = false;
};

/// `downwardAPI.items[]`: a file that holds what is known of the pod.
struct DownwardApiFile {
  std::string path;  ///< relative, without ".."
  std::variant<FieldRef, ResourceFieldRef> source;
  std::optional<std::int32_t> mode;  ///< absent: the volume's
};

/// `volumes[].downwardAPI`, and a projected volume's, where `default_mode` is not used.
struct DownwardApiFiles {
  std::vector<DownwardApiFile> items;
  std::int32_t default_mode = default_file_mode;
};

/// `serviceAccountToken` of a projected volume: nothing here could sign one, so the file is left out.
struct ServiceAccountToken {
  std::string path;
};

/// `projected.sources[]`.
using Projection = std::variant<ConfigMapFiles, SecretFiles, DownwardApiFiles, ServiceAccountToken>;

/// `volumes[].projected`: several sources in one directory.
struct Projected {
  std::vector<Projection> sources;
  std::int32_t default_mode = default_file_mode;
};

/// `volumes[].persistentVolumeClaim`: a volume that outlives the pod.
struct ClaimVolume {
  std::string claim_name;
  bool read_only = false;
};

/// `volumes[].image`: the root of an image, read-only.
struct ImageVolume {
  std::string reference;
};

/// `spec.volumes[]`.
struct Volume {
  std::string name;
  std::variant<EmptyDir, HostPath, ConfigMapFiles, SecretFiles, DownwardApiFiles, Projected, ClaimVolume, ImageVolume>
      source;
};

}  // namespace podrun::pod
