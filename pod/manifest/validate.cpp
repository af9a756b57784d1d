// Checks relations between values. A value that decode() has refused is empty here and is not reported again.
#include "pod/manifest/validate.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/annotations/backoff_times.hpp"
#include "pod/annotations/composition.hpp"
#include "pod/annotations/rlimits.hpp"
#include "pod/manifest/field_places.hpp"
#include "pod/manifest/resources.hpp"
#include "pod/manifest/validate_paths.hpp"
#include "pod/manifest/validate_pod.hpp"
#include "pod/schema/schema.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/duration.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using yaml::Node;

/// The positions of a decoded list's items in the text. The node of the list may be missing; the list is empty then.
class Places {
 public:
  Places(const Node* owner, std::string_view field)
      : list_(owner == nullptr ? nullptr : owner->find(field)) {}

  const Node* item(std::size_t index) const { return list_ == nullptr ? nullptr : list_->items[index]; }
  std::size_t of(std::size_t index, std::string_view field) const {
    const Node* owner = item(index);
    const Node* value = owner == nullptr ? nullptr : owner->find(field);
    return value != nullptr ? value->at : owner != nullptr ? owner->at : 0;
  }

 private:
  const Node* list_;
};

/// Reports values that were added before.
class Unique {
 public:
  Unique(std::string_view what, DiagnosticCollector& report) : what_(what), report_(report) {}

  void add(const std::string& value, std::size_t at) {
    if (value.empty()) return;
    const auto [first, is_new] = seen_.emplace(value, at);
    if (is_new || report_.full()) return;
    report_.add(at, fmt::format("{} {} is taken", what_, in_quotes(value)),
                fmt::format("first on line {}", report_.line_of(first->second)));
  }

 private:
  std::string_view what_;
  DiagnosticCollector& report_;
  std::map<std::string, std::size_t, std::less<>> seen_;
};

/// The path without repeated slashes and ".": "/a//b/./" becomes "/a/b".
std::string normalized(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    if (!part.empty() && part != ".") out.append("/").append(part);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return out;
}

/// Stands in the list of volume names for volumes below a misspelled field. Any mount may refer to one of them.
constexpr std::string_view not_understood = "";

bool is_misspelt(const Node& owner, std::string_view field) {
  return std::ranges::any_of(owner.entries, [&](const yaml::Entry& entry) {
    return entry.key->text != field && nearest(entry.key->text, {field}) == field;
  });
}

void check_volume_mounts(const Container& container, const Node* node,
                         const std::vector<std::string_view>& volumes, DiagnosticCollector& report) {
  const Places places(node, "volumeMounts");
  Unique paths("the mountPath", report);
  for (std::size_t i = 0; i < container.volume_mounts.size(); ++i) {
    const VolumeMount& mount = container.volume_mounts[i];
    paths.add(normalized(mount.mount_path), places.of(i, "mountPath"));
    if (mount.name.empty() || report.full() || std::ranges::find(volumes, mount.name) != volumes.end()) continue;
    if (std::ranges::find(volumes, not_understood) != volumes.end()) continue;
    const std::string_view meant = nearest(mount.name, volumes);
    report.add(places.of(i, "name"), fmt::format("no volume is called {}", in_quotes(mount.name)),
               meant.empty() ? "volumes are declared under spec.volumes"
                             : fmt::format("did you mean \"{}\"?", meant));
  }
}

/// Reports mounts with contradicting fields.
void check_ways_to_mount(const Container& container, const Node* node, DiagnosticCollector& report) {
  const Places places(node, "volumeMounts");
  for (std::size_t i = 0; i < container.volume_mounts.size() && !report.full(); ++i) {
    const VolumeMount& mount = container.volume_mounts[i];
    const bool is_recursive = mount.recursive_read_only != RecursiveReadOnly::Disabled;
    const bool is_private = mount.mount_propagation == MountPropagation::None;
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

/// Reports a contradiction that Kubernetes refuses as well: privileges without privilege escalation.
void check_security(const Container& container, const Node* node, DiagnosticCollector& report) {
  const SecurityContext& security = container.security_context;
  const Node* context = node == nullptr ? nullptr : node->find("securityContext");
  if (context == nullptr || security.allow_privilege_escalation) return;
  const bool admin = std::ranges::find(security.capabilities.add, "SYS_ADMIN") != security.capabilities.add.end();
  if (!security.privileged && !admin) return;
  report.add(context->find("allowPrivilegeEscalation")->at,
             fmt::format("allowPrivilegeEscalation cannot be false with {}",
                         security.privileged ? "privileged: true" : "the capability SYS_ADMIN added"));
}

/// Reports variables with both value and valueFrom. An empty value counts as missing.
void check_env(const Container& container, const Node* node, DiagnosticCollector& report) {
  const Places places(node, "env");
  for (std::size_t i = 0; i < container.env.size(); ++i) {
    const Node* variable = places.item(i);
    const Node* value = variable == nullptr ? nullptr : variable->find("value");
    const Node* from = variable == nullptr ? nullptr : variable->find("valueFrom");
    if (value == nullptr || value->text.empty() || from == nullptr || from->kind == yaml::Kind::Null) continue;
    const auto entry = std::ranges::find(variable->entries, from, &yaml::Entry::value);
    report.add(entry->key->at, "an environment variable has one of value, valueFrom, not two",
               "value is given already");
  }
}

/// Warns of a volume that no container uses: usually a mount was forgotten.
void check_use(const PodSpec& spec, const Node* node, DiagnosticCollector& report) {
  const Places places(node, "volumes");
  for (std::size_t i = 0; i < spec.volumes.size(); ++i) {
    const std::string& name = spec.volumes[i].name;
    const bool used = std::ranges::any_of(spec.containers, [&](const Container& container) {
      const auto reads = [&](const EnvVar& variable) {
        const auto* file = std::get_if<FileKeyRef>(&variable.source);
        return file != nullptr && file->volume_name == name;
      };
      return std::ranges::find(container.volume_mounts, name, &VolumeMount::name) != container.volume_mounts.end() ||
             std::ranges::any_of(container.env, reads);
    });
    if (!used && !name.empty())
      report.warn(places.of(i, "name"), fmt::format("the volume {} is not mounted by any container", in_quotes(name)));
  }
}

/// Reports duplicate port names, and host ports. With hostNetwork a host port must equal the container port.
void check_ports(const Container& container, bool host_network, const Node* node, DiagnosticCollector& report) {
  const Places places(node, "ports");
  Unique names("the port name", report);
  for (std::size_t i = 0; i < container.ports.size(); ++i) {
    const ContainerPort& port = container.ports[i];
    names.add(port.name, places.of(i, "name"));
    if (port.host_port == 0 || port.container_port == 0) continue;
    if (!host_network && report.leniency() == Leniency::Lenient)
      report.warn(places.of(i, "hostPort"), "hostPort: podrun forwards no ports yet; it is not published");
    else if (!host_network)
      report.add(places.of(i, "hostPort"), "hostPort: podrun forwards no ports yet",
                 "hostNetwork: true gives the pod the host's ports; --lenient leaves it out");
    else if (port.host_port != port.container_port)
      report.add(places.of(i, "hostPort"), "hostPort must equal containerPort with hostNetwork: true");
  }
}

void check_spec(const PodSpec& spec, const Node* node, DiagnosticCollector& report) {
  const Places volumes(node, "volumes");
  std::vector<std::string_view> volume_names;
  if (report.leniency() == Leniency::Strict && node != nullptr && is_misspelt(*node, "volumes"))
    volume_names.push_back(not_understood);
  Unique unique_volumes("the volume name", report);
  for (std::size_t i = 0; i < spec.volumes.size(); ++i) {
    unique_volumes.add(spec.volumes[i].name, volumes.of(i, "name"));
    volume_names.push_back(spec.volumes[i].name);
  }
  const Places containers(node, "containers");
  Unique unique_containers("the container name", report);
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    unique_containers.add(spec.containers[i].name, containers.of(i, "name"));
    check_volume_mounts(spec.containers[i], containers.item(i), volume_names, report);
    check_ways_to_mount(spec.containers[i], containers.item(i), report);
    check_security(spec.containers[i], containers.item(i), report);
    check_env(spec.containers[i], containers.item(i), report);
    check_ports(spec.containers[i], spec.host_network, containers.item(i), report);
  }
  check_file_paths(spec, node, report);
  check_resources(spec, node, report);
  if (report.empty()) check_use(spec, node, report);
}

void check_annotations(const Metadata& metadata, const Node& node, DiagnosticCollector& report) {
  constexpr std::string_view ours = "podrun.io/";
  std::vector<std::string_view> known;
  for (const KnownAnnotation& annotation : known_annotations()) known.push_back(annotation.key);
  for (const yaml::Entry& entry : node.entries) {
    const auto decoded = metadata.annotations.find(entry.key->text);
    if (decoded == metadata.annotations.end() || !decoded->first.starts_with(ours)) continue;
    const auto& [key, value] = *decoded;
    const auto row = std::ranges::find(known_annotations(), key, &KnownAnnotation::key);
    if (row == known_annotations().end()) {
      const std::string_view meant = nearest(key, known);
      report.add(entry.key->at, fmt::format("podrun has no annotation {}", in_quotes(key)),
                 meant.empty() ? fmt::format("there is {}", joined(known, ", "))
                               : fmt::format("did you mean \"{}\"?", meant));
    } else if (const ValueError value_error = row->rule(value); !value_error.empty()) {
      report.add(entry.value->at, fmt::format("{} must be {}, but this is {}", key, value_error, in_quotes(value)));
    }
  }
  const BackoffTimes backoff = backoff_of(metadata);
  const Node* initial = node.find(backoff_initial_annotation);
  const Node* most = node.find(backoff_max_annotation);
  if (const Node* wrong = initial != nullptr ? initial : most; wrong != nullptr && backoff.initial > backoff.max)
    report.add(wrong->at, fmt::format("{} ({}) must not exceed {} ({})", backoff_initial_annotation,
                                      to_text(backoff.initial), backoff_max_annotation, to_text(backoff.max)));
}

/// Whether the names of containers are known, to which annotations refer.
bool has_names(const PodSpec& spec) {
  return !spec.containers.empty() && std::ranges::none_of(spec.containers, &std::string::empty, &Container::name);
}

/// Reports errors of the composition and of limits at the annotation or at the field of spec, unless it is known to be
/// wrong.
void check_whole_pod(const Pod& pod, const Node& root, DiagnosticCollector& report) {
  if (!has_names(pod.spec)) return;
  const std::set<std::size_t> known = report.error_places();
  const auto add = [&](const Node* at, std::string message) {
    if (at == nullptr || !holds_any(*at, known)) report.add(at == nullptr ? root.at : at->at, std::move(message));
  };
  std::vector<CompositionError> errors;
  compose(pod, errors);
  const Node* metadata = root.find("metadata");
  const Node* annotations = metadata == nullptr ? nullptr : metadata->find("annotations");
  const Node* spec = root.find("spec");
  for (const CompositionError& error : errors) {
    const Node* at = annotations == nullptr ? nullptr : annotations->find(error.where);
    if (at == nullptr && spec != nullptr) at = spec->find(error.where);
    add(at, fmt::format("{}: {}", error.where, error.message));
  }
  for (const auto& [annotation, message] : check_limits(pod)) {
    const Node* at = annotations == nullptr ? nullptr : annotations->find(annotation);
    add(at, fmt::format("{}: {}", annotation, message));
  }
}

/// Checks that the name of the pod's log directory, <namespace>_<name>_<uid>, is not too long. Its other names are
/// shorter.
void check_length(const Metadata& metadata, const Node& node, DiagnosticCollector& report) {
  constexpr std::size_t limit = 255;  // NAME_MAX
  constexpr std::size_t uuid = 36;
  const std::size_t length =
      pod_id(metadata).size() + 1 + (metadata.uid.empty() ? uuid : metadata.uid.size());
  const Node* name = node.find("name");
  if (length <= limit || name == nullptr) return;
  report.add(name->at,
             fmt::format("namespace, name and uid name a directory and may have {} characters together, "
                         "two \"_\" included; these have {}",
                         limit, length));
}

}  // namespace

void validate(const Pod& pod, const Node& root, DiagnosticCollector& report) {
  if (const Node* metadata = root.find("metadata")) {
    check_length(pod.metadata, *metadata, report);
    check_metadata(pod.metadata, *metadata, report);
    if (const Node* annotations = metadata->find("annotations"))
      check_annotations(pod.metadata, *annotations, report);
  }
  check_pod_fields(pod, root, report);
  check_spec(pod.spec, root.find("spec"), report);
  check_whole_pod(pod, root, report);
}

}  // namespace podrun::pod
