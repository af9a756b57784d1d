// The marks of files that are not manifests.
#include "pod/manifest/foreign_files.hpp"

#include <algorithm>
#include <array>

#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;
using yaml::Entry;
using yaml::Kind;
using yaml::Node;

constexpr ForeignFile compose{0, "this is a Compose file, not a Kubernetes manifest",
                              "write a Pod with a container for each service (podrun-pod(5)), or convert the file: "
                              "kompose convert"};
constexpr ForeignFile kustomization{0, "podrun does not carry out a kustomization; it is skipped",
                                    "carry it out first: kubectl kustomize FOLDER | podrun run -", false};
constexpr ForeignFile chart{0, "this describes a Helm chart and is not a manifest",
                            "render the chart first: helm template FOLDER | podrun run -"};
constexpr ForeignFile oci_configuration{0, "this is the configuration of an OCI runtime, not a Kubernetes manifest",
                                        "write a Pod with the image rootfs:/FOLDER: podrun-pod(5)"};
constexpr ForeignFile unknown{0, "this is not a Kubernetes manifest: it has neither apiVersion nor kind",
                              "a Pod begins with apiVersion: v1 and kind: Pod: podrun-pod(5)"};
constexpr ForeignFile no_mapping{0, "this is not a Kubernetes manifest: it does not consist of fields",
                                 "a Pod begins with apiVersion: v1 and kind: Pod: podrun-pod(5)"};
constexpr ForeignFile helm_template{0, "this is a template, not a manifest yet",
                                    "render it first: helm template FOLDER | podrun run -"};
constexpr ForeignFile variable{0, "this is a placeholder, not a value yet",
                               "fill it in first: envsubst <FILE | podrun run -"};
constexpr ForeignFile placeholder{0, "this is a placeholder, not a value yet", "write the value in its place"};
constexpr ForeignFile systemd_unit{0, "this is a unit of systemd, not a Kubernetes manifest",
                                   "podrun reads the manifest that a [Kube] unit names; podrun(1) has a unit for it"};
constexpr ForeignFile dockerfile{0, "this is a Dockerfile, not a Kubernetes manifest",
                                 "build the image, and name it in a Pod: podrun-pod(5)"};
constexpr ForeignFile script{0, "this is a script, not a Kubernetes manifest", ""};

ForeignFile at(std::size_t place, ForeignFile file) {
  file.at = place;
  return file;
}

bool has_any(const Node& root, std::initializer_list<std::string_view> fields, Kind kind) {
  return std::ranges::any_of(fields, [&](std::string_view field) {
    const Node* node = root.find(field);
    return node != nullptr && node->kind == kind;
  });
}

/// Whether each field of a mapping is a service, as in the first version of Compose.
bool are_services(const Node& root) {
  return !root.entries.empty() && std::ranges::all_of(root.entries, [](const Entry& entry) {
    return entry.value->find("image") != nullptr || entry.value->find("build") != nullptr;
  });
}

std::string_view line_at(std::string_view text, std::size_t place) {
  return text.substr(place, text.find('\n', place) - place);
}

/// The start of the first line that is neither blank nor a comment.
std::size_t first_line(std::string_view text) {
  std::size_t place = 0;
  while (place < text.size()) {
    const std::size_t first = text.find_first_not_of(" \t\r", place);
    if (first == text.npos) return text.size();
    if (text[first] != '\n' && text[first] != '#' && text[first] != ';') return place;
    const std::size_t end = text.find('\n', first);
    place = end == text.npos ? text.size() : end + 1;
  }
  return text.size();
}

/// The start of the line of the top level that has this field.
std::optional<std::size_t> top_field(std::string_view text, std::string_view name) {
  for (std::size_t place = 0; place < text.size();) {
    const std::string_view line = line_at(text, place);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) return place;
    place += line.size() + 1;
  }
  return std::nullopt;
}

/// Whether a text has the two marks, one behind the other.
bool has_pair(std::string_view text, std::string_view open, std::string_view close) {
  const std::size_t found = text.find(open);
  return found != text.npos && text.find(close, found + open.size()) != text.npos;
}

/// The line above the one that starts at a byte.
std::string_view line_above(std::string_view text, std::size_t begin) {
  if (begin == 0) return {};
  return line_at(text, text.substr(0, begin - 1).rfind('\n') + 1);
}

bool is_helm(std::string_view text) {
  return has_pair(text, "{{", "}}") || has_pair(text, "{%", "%}");
}

/// Whether a line is one of a template's own: {{- if … }}.
bool is_directive(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return (line.starts_with("{{") || line.starts_with("{%")) && is_helm(line);
}

}  // namespace

bool is_of_own_group(const Node& root) {
  const Node* said = root.find("apiVersion");
  const std::string_view version = said == nullptr ? std::string_view() : std::string_view(said->text);
  const std::string_view group = version.substr(0, std::min(version.find('/'), version.size()));
  return version.empty() || !version.contains('/') || group == "apps" || group == "batch" || group == "extensions";
}

std::optional<ForeignFile> foreign_document(const Node& root) {
  const std::size_t place = root.at;
  if (root.kind != Kind::Mapping) return at(place, no_mapping);
  if (root.find("kind") != nullptr) return std::nullopt;
  if (root.find("apiVersion") != nullptr) {
    const bool is_chart = root.find("name") != nullptr && root.find("version") != nullptr &&
                          root.find("metadata") == nullptr && root.find("spec") == nullptr;
    return is_chart ? std::optional(at(place, chart)) : std::nullopt;
  }
  if (const Node* services = root.find("services"); services != nullptr && services->kind != Kind::Sequence)
    return at(place, compose);
  if (has_any(root, {"ociVersion"}, Kind::Scalar)) return at(place, oci_configuration);
  if (has_any(root,
              {"resources", "bases", "components", "patches", "patchesStrategicMerge", "configMapGenerator",
               "secretGenerator"},
              Kind::Sequence))
    return at(place, kustomization);
  if (root.find("metadata") != nullptr || root.find("spec") != nullptr) return std::nullopt;
  return at(place, are_services(root) ? compose : unknown);
}

std::optional<ForeignFile> foreign_text(std::string_view text) {
  constexpr std::array sections{"[Unit]"sv,   "[Service]"sv, "[Container]"sv, "[Pod]"sv,   "[Kube]"sv,   "[Install]"sv,
                                "[Volume]"sv, "[Network]"sv, "[Build]"sv,     "[Image]"sv, "[Socket]"sv, "[Timer]"sv};
  if (text.starts_with("#!")) return at(0, script);
  const std::size_t place = first_line(text);
  std::string_view line = line_at(text, place);
  line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
  if (std::ranges::find(sections, line) != sections.end()) return at(place, systemd_unit);
  const bool builds = line.starts_with("FROM ") || (line.starts_with("ARG ") && text.contains("\nFROM "));
  if (builds && !top_field(text, "kind")) return at(place, dockerfile);
  const auto services = top_field(text, "services");
  if (services && !top_field(text, "kind") && !top_field(text, "apiVersion")) return at(*services, compose);
  return std::nullopt;
}

std::optional<ForeignFile> template_text(std::string_view text, const std::set<std::size_t>& errors, bool is_broken) {
  for (const std::size_t error : errors) {
    const std::size_t place = std::min(error, text.size());
    const std::size_t begin = text.substr(0, place).rfind('\n') + 1;
    // Between two brackets an error is at the second.
    const bool between = place > begin && text[place - 1] == '{';
    const std::string_view rest = line_at(text, between ? place - 1 : place);
    const bool is_near = is_broken && (is_directive(line_at(text, begin)) || is_directive(line_above(text, begin)));
    if (is_helm(rest) || is_near) return at(place, helm_template);
  }
  return std::nullopt;
}

std::optional<ForeignFile> placeholder_at(std::string_view text, std::size_t error) {
  const std::size_t place = std::min(error, text.size());
  std::string_view value = line_at(text, place);
  if (has_pair(value, "${", "}")) return at(place, variable);
  if (value.starts_with('"') || value.starts_with('\'')) value.remove_prefix(1);
  if (place > 0 && value.starts_with('<') && value.contains('>')) return at(place, placeholder);
  return std::nullopt;
}

}  // namespace podrun::pod
