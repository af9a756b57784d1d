// Converts workloads to pods.
#include "pod/workload/workload.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/workload/node_factory.hpp"
#include "pod/workload/workload_identity.hpp"
#include "pod/workload/workload_rules.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;
using yaml::Document;
using yaml::Entry;
using yaml::find;
using yaml::Kind;
using yaml::Node;

constexpr std::array kinds{"Deployment"sv, "ReplicaSet"sv, "StatefulSet"sv,          "DaemonSet"sv,
                           "Job"sv,        "CronJob"sv,    "ReplicationController"sv};

/// The volumeClaimTemplates of a StatefulSet that have a name; empty for other workloads.
std::vector<const Node*> claim_templates(const Node& workload) {
  std::vector<const Node*> named;
  const Node* templates = find(&workload, {"spec", "volumeClaimTemplates"});
  if (workload.find("kind")->text != "StatefulSet" || templates == nullptr) return named;
  for (const Node* claim : templates->items)
    if (const Node* name = find(claim, {"metadata", "name"}); name != nullptr && !name->text.empty())
      named.push_back(claim);
  return named;
}

void report_claim_templates(const Node& workload, DiagnosticCollector& report) {
  const Node* templates = find(&workload, {"spec", "volumeClaimTemplates"});
  if (templates == nullptr || templates->kind == Kind::Null || workload.find("kind")->text != "StatefulSet") return;
  if (templates->kind != Kind::Sequence) return report.add(templates->at, "volumeClaimTemplates must be a list");
  const auto named = claim_templates(workload);
  for (const Node* claim : templates->items)
    if (std::ranges::find(named, claim) == named.end())
      report.add(claim->at, "the field \"metadata.name\" is missing in a claim template");
}

/// Reports that there is no pod template, unless that follows from a misspelling or from a missing spec.
void report_missing_template(const Node* spec, std::string_view kind, DiagnosticCollector& report) {
  const std::string_view field = kind == "CronJob" ? "jobTemplate" : "template";
  if (spec == nullptr || spec->kind != Kind::Mapping) return;
  for (const Entry& entry : spec->entries)
    if (report.leniency() == Leniency::Strict && entry.key->text != field && nearest(entry.key->text, {field}) == field)
      return;
  report.add(spec->at, fmt::format("this {} has no pod template", kind),
             fmt::format("it belongs under spec.{}template", kind == "CronJob" ? "jobTemplate.spec." : ""));
}

/// The spec of the template, with a volume for each claim template. They win over volumes of the same name.
const Node* with_claims(NodeFactory& make, const Node* spec, const Node& workload, DiagnosticCollector& report) {
  const auto templates = claim_templates(workload);
  if (templates.empty() || spec == nullptr) return spec;
  const auto is_claimed = [&](std::string_view name) {
    return std::ranges::any_of(templates, [&](const Node* claim) {
      return find(claim, {"metadata", "name"})->text == name;
    });
  };
  std::vector<const Node*> volumes;
  const Node* listed = spec->find("volumes");
  if (listed != nullptr && listed->kind != Kind::Sequence && listed->kind != Kind::Null) return spec;
  for (const Node* volume : listed == nullptr ? std::vector<const Node*>{} : listed->items) {
    const Node* name = volume->find("name");
    if (name == nullptr || !is_claimed(name->text)) {
      volumes.push_back(volume);
      continue;
    }
    report.warn(name->at, fmt::format("the claim template {} takes the place of this volume", in_quotes(name->text)));
  }
  for (const Node* claim : templates) {
    const Node* name = find(claim, {"metadata", "name"});
    const Node* reference = make.mapping({make.entry("claimName", claim_name(name->text, workload))});
    volumes.push_back(make.mapping({make.entry("name", name), make.entry("persistentVolumeClaim", reference)}));
  }
  auto entries = entries_without(spec, {"volumes"});
  entries.push_back(make.entry("volumes", make.list(std::move(volumes))));
  return make.mapping(std::move(entries));
}

/// The names of fields that are set and that have no effect on one pod.
std::vector<std::string> rest_of(const Node* spec, std::initializer_list<std::string_view> used) {
  std::vector<std::string> left;
  for (const Entry& entry : entries_without(spec, used))
    if (entry.value->kind != Kind::Null) left.push_back(entry.key->text);
  return left;
}

void warn_of_rest(const Node& workload, const Node* spec, const WorkloadIdentity& identity,
                  DiagnosticCollector& report) {
  const Node& kind = *workload.find("kind");
  std::vector<std::string> left = rest_of(spec, {"template", "jobTemplate", "selector", "volumeClaimTemplates",
                                                 "serviceName", "ordinals", "completionMode", "manualSelector"});
  for (std::string& name : rest_of(find(spec, {"jobTemplate", "spec"}), {"template", "completionMode"}))
    left.push_back(std::move(name));
  const bool is_named = identity.pod_name != find(&workload, {"metadata", "name"})->text;
  report.warn(kind.at, fmt::format("the pod template of this {} runs as one pod{}{}", kind.text,
                                   is_named ? ", " + identity.pod_name : "",
                                   left.empty() ? "" : fmt::format("; without effect: {}", joined(left, ", "))));
}

/// Tells of fields of the template that the identity replaces.
void note_replaced(const Node* spec, std::string_view kind, const WorkloadIdentity& identity,
                   DiagnosticCollector& report) {
  for (const auto& [field, value] : {std::pair{"hostname", &identity.hostname}, {"subdomain", &identity.subdomain}}) {
    const Node* given = find(spec, {field});
    if (identity.hostname.empty() || given == nullptr || given->text.empty() || given->text == *value) continue;
    report.note(given->at, fmt::format("{} has no effect: the {} gives {}", field, kind, in_quotes(*value)));
  }
}

}  // namespace

std::vector<std::string_view> workload_kinds() {
  return {kinds.begin(), kinds.end()};
}

const Node* pod_of_workload(Document& document, const Node& workload, DiagnosticCollector& report) {
  const std::string& kind = workload.find("kind")->text;
  const Node* spec = workload.find("spec");
  const Node* pod = kind == "CronJob" ? find(spec, {"jobTemplate", "spec", "template"}) : find(spec, {"template"});
  check_workload(workload, report);
  report_claim_templates(workload, report);
  if (pod == nullptr || pod->kind != Kind::Mapping) {
    report_missing_template(spec, kind, report);
    return nullptr;
  }
  const WorkloadIdentity identity = identity_of(workload);
  if (identity.pod_name.empty()) return nullptr;  // a name that is missing has been reported
  warn_of_rest(workload, spec, identity, report);
  note_replaced(pod->find("spec"), kind, identity, report);
  NodeFactory make(document, pod->at);
  const Node* pod_spec = pod->find("spec");
  // Only pods that end may have a deadline. For others that has been reported.
  if (const Node* deadline = find(pod_spec, {"activeDeadlineSeconds"}); deadline != nullptr && !kind.ends_with("Job"))
    pod_spec = make.mapping(entries_without(pod_spec, {"activeDeadlineSeconds"}));
  pod_spec = with_claims(make, with_identity(make, pod_spec, identity), workload, report);
  return make.mapping({make.entry("apiVersion", "v1"), make.entry("kind", "Pod"),
                       make.entry("metadata", with_identity(make, pod->find("metadata"), identity, workload)),
                       make.entry("spec", pod_spec)});
}

std::vector<const Node*> claims_of_workload(Document& document, const Node& workload) {
  std::vector<const Node*> claims;
  for (const Node* claim : claim_templates(workload)) {
    NodeFactory make(document, claim->at);
    auto metadata = entries_without(claim->find("metadata"), {"name", "namespace"});
    metadata.push_back(make.entry("name", claim_name(find(claim, {"metadata", "name"})->text, workload)));
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
