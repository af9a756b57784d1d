// The Pod as podrun understands it: plain aggregates, one member for each Kubernetes field in use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace podrun::pod {

/// Pod `spec.restartPolicy`: which exits lead to another instance.
enum class RestartPolicy { Always, OnFailure, Never };

/// Container `env[]`: a name and a literal value.
struct EnvVar {
  std::string name;
  std::string value;

  bool operator==(const EnvVar&) const = default;
};

/// Container `volumeMounts[]`: where one of the pod's volumes appears in a container.
struct VolumeMount {
  std::string name;        ///< the volume's
  std::string mount_path;  ///< absolute, in the container
  bool read_only = false;
};

/// `securityContext.capabilities`: names without "CAP_", or "ALL".
struct Capabilities {
  std::vector<std::string> add;
  std::vector<std::string> drop;
};

/// Container `securityContext`. Absent ids leave the image's user.
struct SecurityContext {
  std::optional<std::int64_t> run_as_user;
  std::optional<std::int64_t> run_as_group;
  bool read_only_root_filesystem = false;
  bool allow_privilege_escalation = true;  ///< false sets no_new_privs
  bool privileged = false;                 ///< every capability, nothing hidden, the host's devices
  Capabilities capabilities;
};

/// `spec.containers[]`.
struct Container {
  std::string name;
  std::string image;
  std::vector<std::string> command;  ///< replaces the image's Entrypoint (and drops its Cmd)
  std::vector<std::string> args;     ///< replaces the image's Cmd
  std::string working_dir;           ///< empty: the image's, else "/"
  std::vector<EnvVar> env;
  std::vector<VolumeMount> volume_mounts;
  SecurityContext security_context;
};

/// `volumes[].emptyDir`: a directory that lives as long as the pod.
struct EmptyDir {};

/// `volumes[].hostPath`: a file or directory of the host.
struct HostPath {
  std::string path;
};

/// `spec.volumes[]`.
struct Volume {
  std::string name;
  std::variant<EmptyDir, HostPath> source;
};

/// `metadata`.
struct Metadata {
  std::string name;
  std::string namespace_name = "default";
  std::string uid;  ///< empty: podrun draws one for the run
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

/// `spec`.
struct PodSpec {
  RestartPolicy restart_policy = RestartPolicy::Always;
  std::int64_t termination_grace_period_seconds = 30;
  std::string hostname;  ///< empty: the pod's name
  bool host_network = false;
  bool host_pid = false;
  bool host_ipc = false;
  bool share_process_namespace = false;
  std::vector<Volume> volumes;
  std::vector<Container> containers;
};

/// A Pod manifest, decoded and validated.
struct Pod {
  Metadata metadata;
  PodSpec spec;
};

/// `<namespace>_<name>`: how files, cgroups and process titles call a pod. Neither part can hold '_'.
inline std::string pod_id(const Metadata& metadata) { return metadata.namespace_name + "_" + metadata.name; }

}  // namespace podrun::pod
