// Finds tables by name, and lists all rows in the order of the documentation.
#include "pod/schema/schema.hpp"

#include <algorithm>
#include <array>

#include "pod/annotations/backoff_times.hpp"
#include "pod/annotations/composition.hpp"
#include "pod/annotations/network_choice.hpp"
#include "pod/annotations/rlimits.hpp"
#include "pod/schema/fields.hpp"
#include "pod/schema/schema_no_effect.hpp"
#include "pod/schema/schema_types.hpp"
#include "pod/schema/schema_workloads.hpp"
#include "pod/spec/value_syntax.hpp"

namespace podrun::pod {
namespace {

constexpr std::array own_tables{&app_armor_table,
                                &pod_os_table,
                                &resize_policy_table,
                                &session_affinity_table,
                                &client_ip_table,
                                &Schema<Pod>::table,
                                &Schema<Metadata>::table,
                                &Schema<PodSpec>::table,
                                &Schema<HostAlias>::table,
                                &Schema<DnsConfig>::table,
                                &Schema<DnsOption>::table,
                                &Schema<PodSecurityContext>::table,
                                &Schema<Sysctl>::table,
                                &Schema<RestartRule>::table,
                                &Schema<RestartRule, ExitCodesOf>::table,
                                &Schema<SeccompProfile>::table,
                                &Schema<Probe>::table,
                                &Schema<ExecAction>::table,
                                &Schema<HttpGetAction>::table,
                                &Schema<HttpHeader>::table,
                                &Schema<TcpSocketAction>::table,
                                &Schema<GrpcAction>::table,
                                &Schema<Container, LifecycleOf>::table,
                                &Schema<HookAction>::table,
                                &Schema<SleepAction>::table,
                                &Schema<Container>::table,
                                &Schema<ContainerPort>::table,
                                &Schema<Resources>::table,
                                &Schema<SecurityContext>::table,
                                &Schema<Capabilities>::table,
                                &Schema<EnvVar>::table,
                                &Schema<EnvSource>::table,
                                &Schema<ConfigMapKeyRef>::table,
                                &Schema<SecretKeyRef>::table,
                                &Schema<FieldRef>::table,
                                &Schema<ResourceFieldRef>::table,
                                &Schema<FileKeyRef>::table,
                                &Schema<EnvFrom>::table,
                                &Schema<ConfigMapRef>::table,
                                &Schema<SecretRef>::table,
                                &Schema<VolumeMount>::table,
                                &Schema<Volume>::table,
                                &Schema<EmptyDir>::table,
                                &Schema<HostPath>::table,
                                &Schema<KeyToPath>::table,
                                &Schema<ConfigMapFiles>::table,
                                &Schema<SecretFiles>::table,
                                &Schema<DownwardApiFile>::table,
                                &Schema<DownwardApiFiles>::table,
                                &Schema<Projected>::table,
                                &Schema<Projection>::table,
                                &Schema<ConfigMapFiles, Projection>::table,
                                &Schema<SecretFiles, Projection>::table,
                                &Schema<DownwardApiFiles, Projection>::table,
                                &Schema<ServiceAccountToken>::table,
                                &Schema<ClaimVolume>::table,
                                &Schema<ImageVolume>::table,
                                &Schema<ConfigMap>::table,
                                &Schema<Secret>::table,
                                &Schema<PersistentVolumeClaim>::table,
                                &Schema<ClaimSpec>::table,
                                &Schema<Quantities, ClaimSpec>::table,
                                &Schema<Service>::table,
                                &Schema<ServiceSpec>::table,
                                &Schema<ServicePort>::table};

/// Appends the rows of a table, and after each row that is stored the rows of its type.
void append_rows(const std::string& prefix, const Table& table, std::vector<SchemaRow>& rows) {
  for (const Row& row : table.rows) {
    const std::string path = prefix + std::string(row.name);
    rows.push_back({.owner = table.type, .path = path, .row = &row});
    if (row.decode == nullptr) continue;
    const bool is_list = row.type.starts_with("[]");
    if (const Table* below = find_table(is_list ? row.type.substr(2) : row.type))
      append_rows(path + (is_list ? "[]." : "."), *below, rows);
  }
}

}  // namespace

const Table* find_table(std::string_view type) {
  const auto own = std::ranges::find(own_tables, type, &Table::type);
  if (own != own_tables.end()) return *own;
  const Table* of_workload = find_workload_table(type);
  return of_workload != nullptr ? of_workload : find_checked_table(type);
}

std::vector<SchemaRow> schema_rows() {
  std::vector<SchemaRow> rows;
  append_rows("", Schema<Pod>::table, rows);
  return rows;
}

std::span<const KnownAnnotation> known_annotations() {
  static constexpr std::array annotations{
      KnownAnnotation{network_annotation, none_or_default,
                      "none: the pod has a loopback interface and no other; default: it is connected (default)."},
      KnownAnnotation{"podrun.io/network.CONTAINER", none_or_default,
                      "default: the container, which has net=private, is connected, too (none)."},
      KnownAnnotation{"podrun.io/systemd-ready", ready_or_started,
                      "When its service is ready: ready, the condition, or started, when all containers run (ready)."},
      KnownAnnotation{backoff_initial_annotation, backoff_duration, "The wait before the second restart (10s)."},
      KnownAnnotation{backoff_max_annotation, backoff_duration, "The longest wait before a restart (5m)."},
      KnownAnnotation{backoff_reset_annotation, backoff_duration,
                      "How long an instance must run so that the waits begin anew (10m)."},
      KnownAnnotation{namespaces_annotation, namespace_lines,
                      "Whose namespaces containers use: lines of NAME: KIND=pod|private|host|container:NAME …"},
      KnownAnnotation{time_offsets_annotation, offset_lines,
                      "Clocks of containers with time=private: lines of NAME: monotonic=24h boottime=-90m"},
      KnownAnnotation{limit_annotations[0], limit_lines, "Limit on cpu: seconds of processor time (no limit)."},
      KnownAnnotation{limit_annotations[1], limit_lines, "Limit on fsize: the size of a file it writes (no limit)."},
      KnownAnnotation{limit_annotations[2], limit_lines, "Limit on data: its data segment (no limit)."},
      KnownAnnotation{limit_annotations[3], limit_lines, "Limit on stack: its stack (8Mi:unlimited)."},
      KnownAnnotation{limit_annotations[4], limit_lines, "Limit on core: a core file (0:unlimited)."},
      KnownAnnotation{limit_annotations[5], limit_lines, "Limit on rss: of no effect on Linux (no limit)."},
      KnownAnnotation{limit_annotations[6], limit_lines,
                      "Limit on nproc: processes of its user, of the whole host (no limit)."},
      KnownAnnotation{limit_annotations[7], limit_lines, "Limit on nofile: open files (1024:1048576)."},
      KnownAnnotation{limit_annotations[8], limit_lines, "Limit on memlock: locked memory (8Mi)."},
      KnownAnnotation{limit_annotations[9], limit_lines, "Limit on as: its address space (no limit)."},
      KnownAnnotation{limit_annotations[10], limit_lines, "Limit on locks: of no effect on Linux (no limit)."},
      KnownAnnotation{limit_annotations[11], limit_lines,
                      "Limit on sigpending: queued signals and timers of its user, of the whole host (4096)."},
      KnownAnnotation{limit_annotations[12], limit_lines,
                      "Limit on msgqueue: POSIX message queues of its user (800Ki)."},
      KnownAnnotation{limit_annotations[13], limit_lines, "Limit on nice: 20 minus the lowest nice value (0)."},
      KnownAnnotation{limit_annotations[14], limit_lines, "Limit on rtprio: real-time priority (0)."},
      KnownAnnotation{limit_annotations[15], limit_lines,
                      "Limit on rttime: microseconds of real-time scheduling without a pause (no limit)."},
  };
  return annotations;
}

template <typename T>
T decode(const yaml::Node& root, DiagnosticCollector& report) {
  T object;
  decode_object(root, {.field = "a manifest"}, Schema<T>::table, &object, report);
  return object;
}

template Pod decode<Pod>(const yaml::Node&, DiagnosticCollector&);
template ConfigMap decode<ConfigMap>(const yaml::Node&, DiagnosticCollector&);
template Secret decode<Secret>(const yaml::Node&, DiagnosticCollector&);
template PersistentVolumeClaim decode<PersistentVolumeClaim>(const yaml::Node&, DiagnosticCollector&);
template Service decode<Service>(const yaml::Node&, DiagnosticCollector&);

}  // namespace podrun::pod
