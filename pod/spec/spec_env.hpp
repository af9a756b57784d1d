// The sources of a container's environment variables.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "pod/text/quantity.hpp"

namespace podrun::pod {

/// `configMapKeyRef`: one key of a ConfigMap in the pod's namespace.
struct ConfigMapKeyRef {
  std::string name;
  std::string key;
  bool optional = false;

  bool operator==(const ConfigMapKeyRef&) const = default;
};

/// `secretKeyRef`: one key of a Secret in the pod's namespace.
struct SecretKeyRef {
  std::string name;
  std::string key;
  bool optional = false;

  bool operator==(const SecretKeyRef&) const = default;
};

/// `fieldRef`: a field of the pod, such as metadata.labels['app'].
struct FieldRef {
  std::string path;

  bool operator==(const FieldRef&) const = default;
};

/// `resourceFieldRef`: a limit or request, such as limits.memory, in units of the divisor.
struct ResourceFieldRef {
  std::string resource;
  std::string container_name;       ///< empty (only in env): the container itself
  std::optional<Quantity> divisor;  ///< absent: 1

  bool operator==(const ResourceFieldRef&) const = default;
};

/// `fileKeyRef`: a variable from an env file in one of the pod's volumes.
struct FileKeyRef {
  std::string volume_name;
  std::string path;  ///< relative to the volume
  std::string key;
  bool optional = false;

  bool operator==(const FileKeyRef&) const = default;
};

/// `value`, or one of the sources of `valueFrom`.
using EnvSource = std::variant<std::string, ConfigMapKeyRef, SecretKeyRef, FieldRef, ResourceFieldRef, FileKeyRef>;

/// Container `env[]`.
struct EnvVar {
  std::string name;
  EnvSource source;

  bool operator==(const EnvVar&) const = default;
};

/// `envFrom[].configMapRef`: every key of a ConfigMap.
struct ConfigMapRef {
  std::string name;
  bool optional = false;

  bool operator==(const ConfigMapRef&) const = default;
};

/// `envFrom[].secretRef`: every key of a Secret.
struct SecretRef {
  std::string name;
  bool optional = false;

  bool operator==(const SecretRef&) const = default;
};

/// Container `envFrom[]`.
struct EnvFrom {
  std::string prefix;  ///< prepended to the name of each variable
  std::variant<ConfigMapRef, SecretRef> source;

  bool operator==(const EnvFrom&) const = default;
};

}  // namespace podrun::pod
