// The identity of pods as the controllers of Kubernetes give it.
#include "pod/workload/workload_identity.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pod/spec/value_syntax.hpp"
#include "pod/text/scalar.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::Entry;
using yaml::find;
using yaml::Kind;
using yaml::Node;

std::string text_of(const Node* node) {
  return node == nullptr ? std::string() : node->text;
}
std::string name_of(const Node& workload) {
  return text_of(find(&workload, {"metadata", "name"}));
}

/// Whether a name can be that of a host, and a label. If not, that is reported at the workload's name.
bool is_host_name(const std::string& name) {
  return dns_label(name).empty();
}

/// The number of a StatefulSet's first pod.
std::string first_ordinal(const Node& workload) {
  const Node* start = find(&workload, {"spec", "ordinals", "start"});
  const auto number = to_integer(text_of(start));
  return number && *number >= 0 ? std::to_string(*number) : "0";
}

WorkloadIdentity of_stateful_set(const Node& workload) {
  const std::string ordinal = first_ordinal(workload), name = fmt::format("{}-{}", name_of(workload), ordinal);
  WorkloadIdentity plain;
  plain.pod_name = name;
  if (!is_host_name(name)) return plain;
  return {.pod_name = name,
          .hostname = name,
          .subdomain = text_of(find(&workload, {"spec", "serviceName"})),
          .labels = {{"statefulset.kubernetes.io/pod-name", name}, {"apps.kubernetes.io/pod-index", ordinal}},
          .annotations = {},
          .index_field = {}};
}

/// A Job, or the one that a CronJob makes.
WorkloadIdentity of_job(const std::string& name, const Node* spec) {
  constexpr std::string_view index = "batch.kubernetes.io/job-completion-index";
  WorkloadIdentity identity{
      .pod_name = name, .hostname = {}, .subdomain = {}, .labels = {}, .annotations = {}, .index_field = {}};
  if (!label_value(name).empty()) return identity;
  identity.labels = {{"batch.kubernetes.io/job-name", name}, {"job-name", name}};
  if (text_of(find(spec, {"completionMode"})) != "Indexed") return identity;
  if (!is_host_name(name + "-0")) return identity;
  identity.hostname = name + "-0";
  identity.subdomain = text_of(find(spec, {"template", "spec", "subdomain"}));
  identity.labels.emplace_back(index, "0");
  identity.annotations.emplace_back(index, "0");
  if (const Node* limit = find(spec, {"backoffLimitPerIndex"}); limit != nullptr && limit->kind == Kind::Scalar)
    identity.annotations.emplace_back("batch.kubernetes.io/job-index-failure-count", "0");
  identity.index_field = fmt::format("metadata.labels['{}']", index);
  return identity;
}

/// A mapping of texts with more texts, which win.
const Node* with_texts(NodeFactory& make, const Node* mapping, const WorkloadIdentity::Texts& more) {
  const bool is_mapping = mapping == nullptr || mapping->kind == Kind::Mapping || mapping->kind == Kind::Null;
  if (more.empty() || !is_mapping) return mapping;
  std::vector<Entry> entries = entries_without(mapping, {});
  std::erase_if(entries, [&](const Entry& entry) {
    return std::ranges::find(more, entry.key->text, &std::pair<std::string, std::string>::first) != more.end();
  });
  for (const auto& [key, value] : more) entries.push_back(make.entry(key, value));
  return make.mapping(std::move(entries));
}

/// A container with one more variable, unless the container has it.
const Node* with_index(NodeFactory& make, const Node* container, const std::string& field) {
  constexpr std::string_view variable = "JOB_COMPLETION_INDEX";
  const Node* env = container->find("env");
  std::vector<const Node*> variables = env == nullptr ? std::vector<const Node*>{} : env->items;
  const auto is_it = [&](const Node* each) { return text_of(each->find("name")) == variable; };
  const bool is_list = env == nullptr || env->kind == Kind::Sequence || env->kind == Kind::Null;
  if (container->kind != Kind::Mapping || !is_list || std::ranges::any_of(variables, is_it)) return container;
  variables.push_back(make.mapping(
      {make.entry("name", std::string(variable)),
       make.entry("valueFrom",
                  make.mapping({make.entry("fieldRef", make.mapping({make.entry("fieldPath", field)}))}))}));
  std::vector<Entry> entries = entries_without(container, {"env"});
  entries.push_back(make.entry("env", make.list(std::move(variables))));
  return make.mapping(std::move(entries));
}

}  // namespace

WorkloadIdentity identity_of(const Node& workload) {
  const std::string kind = text_of(workload.find("kind")), name = name_of(workload);
  if (name.empty()) return {};
  if (kind == "StatefulSet") return of_stateful_set(workload);
  if (kind == "Job") return of_job(name, workload.find("spec"));
  if (kind == "CronJob") return of_job(name, find(&workload, {"spec", "jobTemplate", "spec"}));
  WorkloadIdentity identity;
  identity.pod_name = name;
  return identity;
}

const Node* with_identity(NodeFactory& make, const Node* metadata, const WorkloadIdentity& identity,
                          const Node& workload) {
  const Node* name = find(&workload, {"metadata", "name"});
  auto entries = entries_without(metadata, {"name", "generateName", "namespace", "labels", "annotations"});
  // The workload's own name keeps its place.
  const bool is_same = name != nullptr && name->text == identity.pod_name;
  entries.push_back(make.entry("name", is_same ? name : make.text(identity.pod_name)));
  entries.push_back(make.entry("namespace", find(&workload, {"metadata", "namespace"})));
  entries.push_back(make.entry("labels", with_texts(make, find(metadata, {"labels"}), identity.labels)));
  entries.push_back(make.entry("annotations", with_texts(make, find(metadata, {"annotations"}), identity.annotations)));
  return make.mapping(std::move(entries));
}

const Node* with_identity(NodeFactory& make, const Node* spec, const WorkloadIdentity& identity) {
  if (spec == nullptr || spec->kind != Kind::Mapping || identity.hostname.empty()) return spec;
  auto entries = entries_without(spec, {"hostname", "subdomain"});
  entries.push_back(make.entry("hostname", identity.hostname));
  entries.push_back(make.entry("subdomain", identity.subdomain));
  if (!identity.index_field.empty())
    for (Entry& entry : entries) {
      if (entry.key->text != "containers" && entry.key->text != "initContainers") continue;
      std::vector<const Node*> containers;
      for (const Node* each : entry.value->items) containers.push_back(with_index(make, each, identity.index_field));
      if (entry.value->kind == Kind::Sequence) entry.value = make.list(std::move(containers));
    }
  return make.mapping(std::move(entries));
}

std::string claim_name(std::string_view claim_template, const Node& workload) {
  return fmt::format("{}-{}-{}", claim_template, name_of(workload), first_ordinal(workload));
}

}  // namespace podrun::pod
