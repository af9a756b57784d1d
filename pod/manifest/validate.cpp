// Checks relations between values. A value that decode() has refused is empty here and is not reported again.
#include "pod/manifest/validate.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/annotations/backoff_times.hpp"
#include "pod/annotations/composition.hpp"
#include "pod/annotations/network_choice.hpp"
#include "pod/annotations/rlimits.hpp"
#include "pod/manifest/field_places.hpp"
#include "pod/manifest/list_places.hpp"
#include "pod/manifest/resources.hpp"
#include "pod/manifest/validate_container.hpp"
#include "pod/manifest/validate_objects.hpp"
#include "pod/manifest/validate_paths.hpp"
#include "pod/manifest/validate_pod.hpp"
#include "pod/schema/schema.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/duration.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::Node;

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

void check_spec(const PodSpec& spec, const Node* node, DiagnosticCollector& report) {
  const Places volumes(node, "volumes");
  std::vector<std::string_view> volume_names;
  if (report.leniency() == Leniency::Strict && node != nullptr && is_misspelt(*node, "volumes"))
    volume_names.push_back(volumes_not_understood);
  Unique unique_volumes("the volume name", report);
  for (std::size_t i = 0; i < spec.volumes.size(); ++i) {
    unique_volumes.add(spec.volumes[i].name, volumes.of(i, "name"));
    volume_names.push_back(spec.volumes[i].name);
    check_ephemeral(yaml::find(volumes.item(i), {"ephemeral"}), report);
  }
  if (const Node* containers = yaml::find(node, {"containers"});
      containers != nullptr && spec.containers.size() > most_containers)
    report.add(containers->at, fmt::format("{} containers; at most {} are possible", spec.containers.size(),
                                           most_containers), "podrun's own rule: its pause can hold no more");
  check_containers(spec, node, volume_names, report);
  check_seccomp_profile(spec.security_context.seccomp_profile, yaml::find(node, {"securityContext"}), report);
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
    const bool is_of_container = key.starts_with(container_network_annotation);
    const auto row = std::ranges::find(known_annotations(), is_of_container ? network_annotation : key,
                                       &KnownAnnotation::key);
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

/// Reports errors of the composition, of networks, ports of the host and limits at the annotation or at the field of
/// spec, unless it is known to be wrong.
void check_whole_pod(const Pod& pod, const Node& root, DiagnosticCollector& report) {
  if (!has_names(pod.spec)) return;
  const std::set<std::size_t> known = report.error_places();
  const auto add = [&](const Node* at, std::string message) {
    if (at == nullptr || !holds_any(*at, known)) report.add(at == nullptr ? root.at : at->at, std::move(message));
  };
  std::vector<CompositionError> errors;
  const std::vector<ContainerComposition> composed = compose(pod, errors);
  const PodNetworks networks(pod, composed);
  const bool is_composed = errors.empty();
  if (is_composed) errors = networks.errors();
  const Node* metadata = root.find("metadata");
  const Node* annotations = metadata == nullptr ? nullptr : metadata->find("annotations");
  const Node* spec = root.find("spec");
  for (const CompositionError& error : errors) {
    const Node* at = annotations == nullptr ? nullptr : annotations->find(error.where);
    if (at == nullptr && spec != nullptr) at = spec->find(error.where);
    add(at, fmt::format("{}: {}", error.where, error.message));
  }
  if (is_composed) check_host_ports(pod, networks, spec, report);
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
