// Converts workloads to pods.
#include "pod/manifest/workload.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;
using yaml::Document;
using yaml::Entry;
using yaml::Kind;
using yaml::find;
using yaml::Node;

constexpr std::array kinds{"Deployment"sv, "ReplicaSet"sv, "StatefulSet"sv, "DaemonSet"sv,
                           "Job"sv,        "CronJob"sv,    "ReplicationController"sv};

/// Makes nodes with the position of the node that they are derived from.
class NodeFactory {
 public:
  NodeFactory(Document& document, std::size_t at) : document_(document), at_(at) {}

  const Node* text(std::string value) {
    Node& node = document_.nodes.emplace_back();
    node.kind = Kind::Scalar;
    node.at = at_;
    node.quoted = true;
    node.text = std::move(value);
    return &node;
  }
  Entry entry(std::string_view key, const Node* value) { return {.key = text(std::string(key)), .value = value}; }
  Entry entry(std::string_view key, std::string value) { return entry(key, text(std::move(value))); }
  const Node* mapping(std::vector<Entry> entries) {
    Node& node = document_.nodes.emplace_back();
    node.kind = Kind::Mapping;
    node.at = at_;
    std::erase_if(entries, [](const Entry& each) { return each.value == nullptr; });
    node.entries = std::move(entries);
    return &node;
  }
  const Node* list(std::vector<const Node*> items) {
    Node& node = document_.nodes.emplace_back();
    node.kind = Kind::Sequence;
    node.at = at_;
    node.items = std::move(items);
    return &node;
  }

 private:
  Document& document_;
  std::size_t at_;
};

/// The entries of a mapping except for some fields.
std::vector<Entry> entries_without(const Node* mapping, std::initializer_list<std::string_view> fields) {
  std::vector<Entry> entries;
  if (mapping == nullptr) return entries;
  for (const Entry& entry : mapping->entries)
    if (std::ranges::find(fields, entry.key->text) == fields.end()) entries.push_back(entry);
  return entries;
}

std::string claim_name(const Node& claim, const Node& workload) {
  const Node* name = find(&claim, {"metadata", "name"});
  const Node* owner = find(&workload, {"metadata", "name"});
  return fmt::format("{}-{}-0", name ? name->text : "", owner ? owner->text : "");
}

/// The volumeClaimTemplates of a StatefulSet; empty for other workloads.
std::vector<const Node*> claim_templates(const Node& workload) {
  const Node* templates = find(&workload, {"spec", "volumeClaimTemplates"});
  return templates == nullptr ? std::vector<const Node*>{} : templates->items;
}

/// The spec of the template, with a volume for each claim template.
const Node* spec_of(NodeFactory& make, const Node* spec, const Node& workload) {
  const auto templates = claim_templates(workload);
  if (templates.empty() || spec == nullptr) return spec;
  const Node* listed = spec->find("volumes");
  std::vector<const Node*> volumes = listed == nullptr ? std::vector<const Node*>{} : listed->items;
  for (const Node* claim : templates)
    volumes.push_back(make.mapping(
        {make.entry("name", find(claim, {"metadata", "name"})),
         make.entry("persistentVolumeClaim", make.mapping({make.entry("claimName", claim_name(*claim, workload))}))}));
  auto entries = entries_without(spec, {"volumes"});
  entries.push_back(make.entry("volumes", make.list(std::move(volumes))));
  return make.mapping(std::move(entries));
}

void warn_of_rest(const Node& workload, const Node* spec, std::string_view kind, DiagnosticCollector& report) {
  std::vector<std::string> left;
  for (const Entry& entry : entries_without(spec, {"template", "jobTemplate", "selector", "volumeClaimTemplates"}))
    left.push_back(entry.key->text);
  report.warn(workload.find("kind")->at,
              fmt::format("the pod template of this {} runs as one pod{}", kind,
                          left.empty() ? "" : fmt::format("; without effect: {}", joined(left, ", "))));
}

}  // namespace

std::vector<std::string_view> workload_kinds() { return {kinds.begin(), kinds.end()}; }

const Node* pod_of_workload(Document& document, const Node& workload, DiagnosticCollector& report) {
  const std::string& kind = workload.find("kind")->text;
  const Node* spec = workload.find("spec");
  const Node* pod = kind == "CronJob" ? find(spec, {"jobTemplate", "spec", "template"}) : find(spec, {"template"});
  if (pod == nullptr || pod->kind != Kind::Mapping) {
    report.add(
        spec == nullptr ? workload.at : spec->at, fmt::format("this {} has no pod template", kind),
        kind == "CronJob" ? "it belongs under spec.jobTemplate.spec.template" : "it belongs under spec.template");
    return nullptr;
  }
  warn_of_rest(workload, spec, kind, report);
  NodeFactory make(document, pod->at);
  auto metadata = entries_without(pod->find("metadata"), {"name", "namespace"});
  metadata.push_back(make.entry("name", find(&workload, {"metadata", "name"})));
  metadata.push_back(make.entry("namespace", find(&workload, {"metadata", "namespace"})));
  auto entries = entries_without(pod, {"apiVersion", "kind", "metadata", "spec"});
  entries.push_back(make.entry("apiVersion", "v1"));
  entries.push_back(make.entry("kind", "Pod"));
  entries.push_back(make.entry("metadata", make.mapping(std::move(metadata))));
  entries.push_back(make.entry("spec", spec_of(make, pod->find("spec"), workload)));
  return make.mapping(std::move(entries));
}

std::vector<const Node*> claims_of_workload(Document& document, const Node& workload) {
  std::vector<const Node*> claims;
  for (const Node* claim : claim_templates(workload)) {
    NodeFactory make(document, claim->at);
    auto metadata = entries_without(claim->find("metadata"), {"name", "namespace"});
    metadata.push_back(make.entry("name", claim_name(*claim, workload)));
    metadata.push_back(make.entry("namespace", find(&workload, {"metadata", "namespace"})));
    auto entries = entries_without(claim, {"apiVersion", "kind", "metadata"});
    entries.push_back(make.entry("apiVersion", "v1"));
    entries.push_back(make.entry("kind", "PersistentVolumeClaim"));
    entries.push_back(make.entry("metadata", make.mapping(std::move(metadata))));
    claims.push_back(make.mapping(std::move(entries)));
  }
  return claims;
}

}  // namespace podrun::pod
