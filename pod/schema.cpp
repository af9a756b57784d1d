// The tables: one per type, one row per field.
#include "pod/schema.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <tuple>
#include <utility>

#include "pod/backoff_times.hpp"
#include "pod/composition.hpp"
#include "pod/fields.hpp"
#include "pod/syntax.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

/// The whole file. What Pod has no member for is only checked.
struct Manifest {
  std::string_view api_version;
  std::string_view kind;
  Metadata metadata;
  PodSpec spec;
};

constexpr Choice restart_policies{std::array{std::pair{"Always"sv, RestartPolicy::Always},
                                             std::pair{"OnFailure"sv, RestartPolicy::OnFailure},
                                             std::pair{"Never"sv, RestartPolicy::Never}}};
constexpr Integer grace_seconds{.least = 0, .most = std::numeric_limits<std::int32_t>::max()};
// The last of 32 bits, (uid_t)-1, means "no change" to the kernel.
constexpr Integer user_id{.least = 0, .most = 4'294'967'294};

constexpr Choice<std::string_view, 1> only(std::string_view value) {
  return {{{{value, value}}}};
}

}  // namespace

template <>
struct Schema<EnvVar> {
  static constexpr std::string_view type = "EnvVar";
  static constexpr std::string_view phrase = "an environment variable";
  static constexpr std::tuple fields{
      Field{"name", &EnvVar::name, Text{env_name}, required,
            "The variable's name: printable ASCII without \"=\"."},
      Field{"value", &EnvVar::value, Text{}, optional, "Its value, taken as it is."},
  };
};

template <>
struct Schema<VolumeMount> {
  static constexpr std::string_view type = "VolumeMount";
  static constexpr std::string_view phrase = "a volume mount";
  static constexpr std::tuple fields{
      Field{"name", &VolumeMount::name, Text{dns_label}, required, "The volume of spec.volumes to mount."},
      Field{"mountPath", &VolumeMount::mount_path, Text{mount_path}, required,
            "Where it appears: an absolute path in the container, made if the image lacks it."},
      Field{"readOnly", &VolumeMount::read_only, Boolean{}, defaults_to("false"),
            "Whether the container may only read it."},
  };
};

template <>
struct Schema<Capabilities> {
  static constexpr std::string_view type = "Capabilities";
  static constexpr std::string_view phrase = "capabilities";
  static constexpr std::tuple fields{
      Field{"add", &Capabilities::add, Texts{capability_name}, optional,
            "Capabilities beside the default ones: names without CAP_, or ALL."},
      Field{"drop", &Capabilities::drop, Texts{capability_name}, optional,
            "Default capabilities it does without: names without CAP_, or ALL."},
  };
};

template <>
struct Schema<SecurityContext> {
  static constexpr std::string_view type = "SecurityContext";
  static constexpr std::string_view phrase = "a security context";
  static constexpr std::tuple fields{
      Field{"runAsUser", &SecurityContext::run_as_user, user_id, defaults_to("the image's user"),
            "The user id of the container's process."},
      Field{"runAsGroup", &SecurityContext::run_as_group, user_id, defaults_to("the image's group"),
            "The group id of the container's process."},
      Field{"readOnlyRootFilesystem", &SecurityContext::read_only_root_filesystem, Boolean{},
            defaults_to("false"), "Whether the root is mounted read-only; volumes stay as their mounts say."},
      Field{"allowPrivilegeEscalation", &SecurityContext::allow_privilege_escalation, Boolean{},
            defaults_to("true"), "false sets no_new_privs, so that set-user-ID programs gain nothing."},
      Field{"privileged", &SecurityContext::privileged, Boolean{}, defaults_to("false"),
            "Every capability, nothing of /proc and /sys hidden, the host's devices; for what is trusted like root."},
      Field{"capabilities", &SecurityContext::capabilities, Object<Capabilities>{}, optional,
            "Which of root's powers it has, capabilities(7)."},
  };
};

template <>
struct Schema<Container> {
  static constexpr std::string_view type = "Container";
  static constexpr std::string_view phrase = "a container";
  static constexpr std::tuple fields{
      Field{"name", &Container::name, Text{dns_label}, required,
            "The container's name, unlike any other's in the pod."},
      Field{"image", &Container::image, Text{image_reference}, required,
            "NAME[:TAG], looked up in the image roots, or rootfs:/DIRECTORY."},
      Field{"command", &Container::command, Texts{}, defaults_to("the image's Entrypoint"),
            "The program and its first arguments; drops the image's Cmd."},
      Field{"args", &Container::args, Texts{}, defaults_to("the image's Cmd"),
            "The arguments after the command."},
      Field{"workingDir", &Container::working_dir, Text{absolute_path}, defaults_to("the image's, else /"),
            "The directory the command starts in."},
      Field{"env", &Container::env, Objects<EnvVar>{}, optional,
            "Environment variables, added to the image's; of equal names the last one holds."},
      Field{"volumeMounts", &Container::volume_mounts, Objects<VolumeMount>{}, optional,
            "The volumes that the container sees."},
      Field{"securityContext", &Container::security_context, Object<SecurityContext>{}, optional,
            "With which rights it runs."},
  };
};

template <>
struct Schema<EmptyDir> {
  static constexpr std::string_view type = "EmptyDirVolumeSource";
  static constexpr std::string_view phrase = "an emptyDir";
  static constexpr std::tuple<> fields{};
};

template <>
struct Schema<HostPath> {
  static constexpr std::string_view type = "HostPathVolumeSource";
  static constexpr std::string_view phrase = "a hostPath";
  static constexpr std::tuple fields{
      Field{"path", &HostPath::path, Text{absolute_path}, required,
            "The file or directory: an absolute path of the host."},
  };
};

template <>
struct Schema<Volume> {
  static constexpr std::string_view type = "Volume";
  static constexpr std::string_view phrase = "a volume";
  static constexpr std::tuple fields{
      Field{"name", &Volume::name, Text{dns_label}, required,
            "What volumeMounts call it, unlike any other volume."},
      Field{"emptyDir", &Volume::source, Object<EmptyDir>{}, one_of,
            "A directory, empty at first, that lives as long as the pod."},
      Field{"hostPath", &Volume::source, Object<HostPath>{}, one_of, "A file or directory of the host."},
  };
};

template <>
struct Schema<PodSpec> {
  static constexpr std::string_view type = "PodSpec";
  static constexpr std::string_view phrase = "spec";
  static constexpr std::tuple fields{
      Field{"restartPolicy", &PodSpec::restart_policy, restart_policies, defaults_to("Always"),
            "After which exits a container is started again: Always, OnFailure or Never."},
      Field{"terminationGracePeriodSeconds", &PodSpec::termination_grace_period_seconds, grace_seconds,
            defaults_to("30"), "How long containers have between SIGTERM and SIGKILL."},
      Field{"hostname", &PodSpec::hostname, Text{dns_label}, defaults_to("metadata.name"),
            "The pod's host name; with hostNetwork it is the host's."},
      Field{"hostNetwork", &PodSpec::host_network, Boolean{}, defaults_to("false"),
            "Whether containers use the host's network and UTS namespaces."},
      Field{"hostPID", &PodSpec::host_pid, Boolean{}, defaults_to("false"),
            "Whether containers use the host's PID namespace."},
      Field{"hostIPC", &PodSpec::host_ipc, Boolean{}, defaults_to("false"),
            "Whether containers use the host's IPC namespace and /dev/shm."},
      Field{"shareProcessNamespace", &PodSpec::share_process_namespace, Boolean{}, defaults_to("false"),
            "Whether containers share one PID namespace, whose first process is podrun's."},
      Field{"volumes", &PodSpec::volumes, Objects<Volume>{}, optional,
            "What containers of the pod can share."},
      Field{"containers", &PodSpec::containers, Objects<Container>{}, required,
            "The containers, at least one."},
  };
};

template <>
struct Schema<Metadata> {
  static constexpr std::string_view type = "ObjectMeta";
  static constexpr std::string_view phrase = "metadata";
  static constexpr std::tuple fields{
      Field{"name", &Metadata::name, Text{dns_subdomain}, required, "The pod's name."},
      Field{"namespace", &Metadata::namespace_name, Text{dns_label}, defaults_to("default"),
            "With the name, what the pod is called: NAMESPACE_NAME."},
      Field{"uid", &Metadata::uid, Text{pod_uid}, defaults_to("a random UUID"),
            "Names the pod's directories."},
      Field{"labels", &Metadata::labels, TextMap{qualified_name, label_value}, optional,
            "Kept for whoever reads them."},
      Field{"annotations", &Metadata::annotations, TextMap{qualified_name, free_text}, optional,
            "Kept for whoever reads them, but for those that begin with podrun.io/."},
  };
};

template <>
struct Schema<Manifest> {
  static constexpr std::string_view type = "Pod";
  static constexpr std::string_view phrase = "the manifest";
  static constexpr std::tuple fields{
      Field{"apiVersion", &Manifest::api_version, only("v1"), required, "v1."},
      Field{"kind", &Manifest::kind, only("Pod"), required, "Pod."},
      Field{"metadata", &Manifest::metadata, Object<Metadata>{}, required, "Who the pod is."},
      Field{"spec", &Manifest::spec, Object<PodSpec>{}, required, "What it consists of."},
  };
};

std::vector<SchemaRow> schema_rows() {
  std::vector<SchemaRow> rows;
  append_rows<Manifest>("", rows);
  return rows;
}

std::span<const KnownAnnotation> known_annotations() {
  static constexpr std::array annotations{
      KnownAnnotation{"podrun.io/network", network_none, "none: the pod has a loopback interface and no other."},
      KnownAnnotation{backoff_initial_annotation, backoff_duration, "What the second restart waits (10s)."},
      KnownAnnotation{backoff_max_annotation, backoff_duration, "The longest that a restart waits (5m)."},
      KnownAnnotation{backoff_reset_annotation, backoff_duration,
                      "How long an instance must run for the waiting to begin anew (10m)."},
      KnownAnnotation{namespaces_annotation, namespace_lines,
                      "Whose namespaces containers use: lines of NAME: KIND=pod|private|host|container:NAME …"},
      KnownAnnotation{time_offsets_annotation, offset_lines,
                      "Clocks of containers with time=private: lines of NAME: monotonic=24h boottime=-90m"},
  };
  return annotations;
}

Pod decode(const yaml::Node& root, Report& report) {
  Manifest manifest;
  decode_object(root, {.field = "a manifest"}, manifest, report);
  return {.metadata = std::move(manifest.metadata), .spec = std::move(manifest.spec)};
}

}  // namespace podrun::pod
