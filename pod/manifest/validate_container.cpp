// Checks containers. A value that decode() has refused is empty here and is not reported again.
#include "pod/manifest/validate_container.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "pod/manifest/field_places.hpp"
#include "pod/manifest/list_places.hpp"
#include "pod/manifest/validate_lifecycle.hpp"
#include "pod/text/paths.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::find;
using yaml::Node;

void check_known_volume(const VolumeMount& mount, std::size_t at, const std::vector<std::string_view>& volumes,
                        DiagnosticCollector& report) {
  const auto is_among = [&](std::string_view name) { return std::ranges::find(volumes, name) != volumes.end(); };
  if (mount.name.empty() || report.full() || is_among(mount.name) || is_among(volumes_not_understood)) return;
  const std::string_view meant = nearest(mount.name, volumes);
  report.add(at, fmt::format("no volume is called {}", in_quotes(mount.name)),
             meant.empty() ? "volumes are declared under spec.volumes" : fmt::format("did you mean \"{}\"?", meant));
}

void check_volume_mounts(const Container& container, const Node* node, const std::vector<std::string_view>& volumes,
                         DiagnosticCollector& report) {
  const Places places(node, "volumeMounts");
  Unique paths("the mountPath", report);
  for (std::size_t i = 0; i < container.volume_mounts.size(); ++i) {
    const VolumeMount& mount = container.volume_mounts[i];
    paths.add(mount.mount_path, clean_path(mount.mount_path), places.of(i, "mountPath"));
    check_known_volume(mount, places.of(i, "name"), volumes, report);
  }
}

/// Reports a field whose value is "", which Kubernetes takes for a value that is none of its own, not for none.
void check_not_empty(const Node* owner, std::string_view field, DiagnosticCollector& report) {
  const Node* value = find(owner, {field});
  if (value != nullptr && value->kind == yaml::Kind::Scalar && value->text.empty())
    report.add(value->at, fmt::format("{} must not be empty", field), "leave it out for its default");
}

/// Reports mounts with contradicting fields.
void check_ways_to_mount(const Container& container, const Node* node, DiagnosticCollector& report) {
  const Places places(node, "volumeMounts");
  for (std::size_t i = 0; i < container.volume_mounts.size() && !report.full(); ++i) {
    const VolumeMount& mount = container.volume_mounts[i];
    const bool is_recursive = mount.recursive_read_only != RecursiveReadOnly::Disabled;
    const bool is_private = mount.mount_propagation == MountPropagation::None;
    for (const std::string_view field : {"mountPropagation", "recursiveReadOnly"})
      check_not_empty(places.item(i), field, report);
    if (is_recursive && !mount.read_only)
      report.add(places.of(i, "recursiveReadOnly"), "recursiveReadOnly needs readOnly: true");
    if (is_recursive && !is_private)
      report.add(places.of(i, "recursiveReadOnly"), "recursiveReadOnly cannot be together with mountPropagation");
    if (mount.mount_propagation == MountPropagation::Bidirectional && !container.security_context.privileged)
      report.add(places.of(i, "mountPropagation"),
                 "mountPropagation Bidirectional needs securityContext.privileged: true");
    if (!mount.sub_path.empty() && !mount.sub_path_expr.empty())
      report.add(places.of(i, "subPathExpr"), "subPath and subPathExpr exclude each other");
  }
}

/// Reports privileges without privilege escalation. Kubernetes refuses the capability only as CAP_SYS_ADMIN.
void check_escalation(const SecurityContext& security, const Node* context, DiagnosticCollector& report) {
  const Node* denied = find(context, {"allowPrivilegeEscalation"});
  if (denied == nullptr || security.allow_privilege_escalation) return;
  if (security.privileged)
    report.add(denied->at, "allowPrivilegeEscalation cannot be false with privileged: true");
  const auto& add = security.capabilities.add;
  if (std::ranges::find(add, "SYS_ADMIN") != add.end())
    report.add(denied->at, "allowPrivilegeEscalation cannot be false with the capability SYS_ADMIN added",
               "podrun's own rule: Kubernetes refuses this only where it is spelt CAP_SYS_ADMIN, which means the same");
}

/// Reports variables with both value and valueFrom. An empty value counts as missing.
void check_env(const Container& container, const Node* node, DiagnosticCollector& report) {
  const Places places(node, "env");
  for (std::size_t i = 0; i < container.env.size(); ++i) {
    const Node* variable = places.item(i);
    const Node* value = find(variable, {"value"});
    const Node* from = find(variable, {"valueFrom"});
    if (value == nullptr || value->text.empty() || from == nullptr || from->kind == yaml::Kind::Null) continue;
    const auto entry = std::ranges::find(variable->entries, from, &yaml::Entry::value);
    report.add(entry->key->at, "an environment variable has one of value, valueFrom, not two",
               "value is given already");
  }
}

void check_port_names(const Container& container, const Node* node, DiagnosticCollector& report) {
  const Places places(node, "ports");
  Unique names("the port name", report);
  for (std::size_t i = 0; i < container.ports.size(); ++i) names.add(container.ports[i].name, places.of(i, "name"));
}

/// The ports of the host that a pod takes.
class HostPorts {
 public:
  explicit HostPorts(DiagnosticCollector& report) : report_(report) {}

  /// Adds a port, and reports one that is taken. As the kernel has it, one for all addresses takes those of each.
  void add(const PublishedPort& port, std::size_t at) {
    const auto is_same = [&](const Taken& other) { return is_same_host_port(port, other.port); };
    const auto first = std::ranges::find_if(taken_, is_same);
    if (first == taken_.end()) return taken_.push_back({port, at});
    if (report_.full()) return;
    std::string hint = fmt::format("first on line {}", report_.line_of(first->at));
    if (first->port.host_ip != port.host_ip)
      hint += fmt::format(", as {}; podrun's own rule: the kernel gives it to one of them", port_words(first->port));
    report_.add(at, fmt::format("the host port {} is taken", port_words(port)), std::move(hint));
  }

 private:
  struct Taken {
    PublishedPort port;
    std::size_t at;
  };
  DiagnosticCollector& report_;
  std::vector<Taken> taken_;
};

/// Checks the ports of one container that are ports of the host.
void check_host_ports_of(const Pod& pod, const PodNetworks& networks, std::size_t index, const Node* node,
                         HostPorts& taken, DiagnosticCollector& report) {
  const Container& container = pod.spec.containers[index];
  const Places places(node, "ports");
  const bool is_host = networks.is_host(index), is_init = container.role == ContainerRole::Init;
  for (std::size_t i = 0; i < container.ports.size(); ++i) {
    const ContainerPort& port = container.ports[i];
    if (port.container_port == 0 || (port.host_port == 0 && !is_host)) continue;
    const std::size_t at = places.of(i, port.host_port == 0 ? "containerPort" : "hostPort");
    const PublishedPort host_port = published(port, container.name);
    if (!port.host_ip.empty() && (!host_port.host_ip || is_ipv4_in_ipv6(*host_port.host_ip)))
      report.add(places.of(i, "hostIP"), fmt::format("hostIP {} cannot be bound", in_quotes(port.host_ip)),
                 "an IPv4 address is written as such");
    else if (is_host && port.host_port != 0 && port.host_port != port.container_port)
      report.add(at, fmt::format("hostPort must equal containerPort with {}",
                                 pod.spec.host_network ? "hostNetwork: true" : "the host's network"));
    else if (!is_host && is_init)
      report.warn(at, "the hostPort of an init container is not published, as on Kubernetes");
    else if (const std::string lack = networks.lack_of(index); !lack.empty())
      report.add(at, "hostPort needs a network that is connected", lack);
    else
      taken.add(host_port, at);
  }
}

/// Reports resize policies of the same resource, and a restart that the pod's restartPolicy excludes.
void check_resize_policies(const Node* node, bool never_restarts, DiagnosticCollector& report) {
  const Node* policies = find(node, {"resizePolicy"});
  if (policies == nullptr) return;
  Unique resources("the resizePolicy of", report);
  for (const Node* policy : policies->items) {
    const Node* resource = find(policy, {"resourceName"});
    const Node* restart = find(policy, {"restartPolicy"});
    if (resource != nullptr) resources.add(resource->text, resource->at);
    if (restart != nullptr && restart->text == "RestartContainer" && never_restarts)
      report.add(restart->at, "restartPolicy must be NotRequired in a pod with restartPolicy: Never");
  }
}

}  // namespace

void check_containers(const PodSpec& spec, const Node* node, const std::vector<std::string_view>& volumes,
                      DiagnosticCollector& report) {
  Unique names("the container name", report);
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    const Container& container = spec.containers[i];
    const Node* place = container_node(node, spec, i);
    const Node* context = find(place, {"securityContext"});
    if (const Node* name = find(place, {"name"})) names.add(container.name, name->at);
    check_volume_mounts(container, place, volumes, report);
    check_ways_to_mount(container, place, report);
    check_not_empty(context, "procMount", report);
    check_escalation(container.security_context, context, report);
    check_seccomp_profile(container.security_context.seccomp_profile, context, report);
    check_env(container, place, report);
    check_port_names(container, place, report);
    check_lifecycle(spec, container, place, node, report);
    check_resize_policies(place, spec.restart_policy == RestartPolicy::Never, report);
  }
}

void check_host_ports(const Pod& pod, const PodNetworks& networks, const Node* node, DiagnosticCollector& report) {
  HostPorts taken(report);
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i) {
    const Node* container = container_node(node, pod.spec, i);
    HostPorts alone(report);  // init containers run one after the other
    const bool is_init = pod.spec.containers[i].role == ContainerRole::Init;
    check_host_ports_of(pod, networks, i, container, is_init ? alone : taken, report);
  }
}

void check_seccomp_profile(const std::optional<SeccompProfile>& profile, const Node* node,
                           DiagnosticCollector& report) {
  const Node* said = find(node, {"seccompProfile"});
  const Node* type = find(said, {"type"});
  if (!profile || said == nullptr || type == nullptr || holds_any(*said, report.error_places())) return;
  const Node* path = find(said, {"localhostProfile"});
  const bool has_path = path != nullptr && path->kind != yaml::Kind::Null;
  const bool is_empty = has_path && path->kind == yaml::Kind::Scalar && path->text.empty();
  if (type->text == "Localhost" && (!has_path || is_empty))
    report.add(has_path ? path->at : type->at, "a seccompProfile of type Localhost needs localhostProfile",
               "the name of a file below /etc/podrun/seccomp");
  else if (has_path && (type->text == "RuntimeDefault" || type->text == "Unconfined"))
    report.add(path->at,
               fmt::format("localhostProfile belongs only to the type Localhost, and this is {}", type->text));
}

}  // namespace podrun::pod
