// Volumes of a pod, and their mounts in containers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pod/spec/policies.hpp"
#include "pod/spec/spec_env.hpp"
#include "pod/text/quantity.hpp"

namespace podrun::pod {

/// `recursiveReadOnly`: whether readOnly also applies to mounts below the volume.
enum class RecursiveReadOnly { Disabled, IfPossible, Enabled };
/// `mountPropagation`: in which directions later mounts propagate.
enum class MountPropagation { None, HostToContainer, Bidirectional };

/// Container `volumeMounts[]`: the mount of one of the pod's volumes in a container.
struct VolumeMount {
  std::string name;        ///< name of the volume
  std::string mount_path;  ///< absolute path in the container
  bool read_only = false;
  RecursiveReadOnly recursive_read_only = RecursiveReadOnly::Disabled;
  std::string sub_path;       ///< relative to the volume, without ".."
  std::string sub_path_expr;  ///< a sub path with $(VAR) references; one of the two is empty
  MountPropagation mount_propagation = MountPropagation::None;
};

/// `emptyDir.medium`.
enum class Medium { Disk, Memory };

/// `volumes[].emptyDir`: a directory with the lifetime of the pod.
struct EmptyDir {
  Medium medium = Medium::Disk;
  std::optional<Quantity> size_limit;
};

/// `hostPath.type`: what must exist at the path, or is created there.
enum class HostPathType {
  Any,  ///< "", the default: whatever lies there; a directory is made if nothing does
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

/// `items[]`: a key and the path of its file.
struct KeyToPath {
  std::string key;
  std::string path;                  ///< relative, without ".."
  std::optional<std::int32_t> mode;  ///< absent: the volume's default mode
};

/// The default mode of files.
inline constexpr std::int32_t default_file_mode = 0644;

/// `volumes[].configMap`, or a source of a projected volume, where `default_mode` is not used.
struct ConfigMapFiles {
  std::string name;
  std::vector<KeyToPath> items;  ///< empty: each key is a file with the same name
  std::int32_t default_mode = default_file_mode;
  bool optional = false;
};

/// `volumes[].secret`, or a source of a projected volume, where `default_mode` is not used.
struct SecretFiles {
  std::string name;
  std::vector<KeyToPath> items;  ///< empty: each key is a file with the same name
  std::int32_t default_mode = default_file_mode;
  bool optional = false;
};

/// `downwardAPI.items[]`: a file with the value of a field of the pod.
struct DownwardApiFile {
  std::string path;  ///< relative, without ".."
  std::variant<FieldRef, ResourceFieldRef> source;
  std::optional<std::int32_t> mode;  ///< absent: the volume's default mode
};

/// `volumes[].downwardAPI`, or a source of a projected volume, where `default_mode` is not used.
struct DownwardApiFiles {
  std::vector<DownwardApiFile> items;
  std::int32_t default_mode = default_file_mode;
};

/// `serviceAccountToken` of a projected volume. Without an API server there is no token, so the file is omitted.
struct ServiceAccountToken {
  std::string path;
};

/// `projected.sources[]`.
using Projection = std::variant<ConfigMapFiles, SecretFiles, DownwardApiFiles, ServiceAccountToken>;

/// `volumes[].projected`: a directory with files from several sources.
struct Projected {
  std::vector<Projection> sources;
  std::int32_t default_mode = default_file_mode;
};

/// `volumes[].persistentVolumeClaim`: a volume that persists after the pod.
struct ClaimVolume {
  std::string claim_name;
  bool read_only = false;
};

/// `volumes[].image`: the root of an image, mounted read-only.
struct ImageVolume {
  std::string reference;
  std::optional<PullPolicy> pull_policy{};  ///< empty: as of a container
};

/// `spec.volumes[]`.
struct Volume {
  std::string name;
  std::variant<EmptyDir, HostPath, ConfigMapFiles, SecretFiles, DownwardApiFiles, Projected, ClaimVolume, ImageVolume>
      source;
};

}  // namespace podrun::pod
