// The rules of Kubernetes for workloads.
#include "pod/workload/workload_rules.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "pod/schema/fields.hpp"
#include "pod/schema/schema_workloads.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/scalar.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/workload/label_selector.hpp"
#include "pod/workload/workload_identity.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;
using yaml::find;
using yaml::Kind;
using yaml::Node;

struct KindRule {
  std::string_view kind;
  std::string_view api_version;
  bool ends;  ///< its pods run to their end
};
constexpr std::array rules{KindRule{"Deployment", "apps/v1", false},
                           KindRule{"ReplicaSet", "apps/v1", false},
                           KindRule{"StatefulSet", "apps/v1", false},
                           KindRule{"DaemonSet", "apps/v1", false},
                           KindRule{"Job", "batch/v1", true},
                           KindRule{"CronJob", "batch/v1", true},
                           KindRule{"ReplicationController", "v1", false}};
/// What had these kinds once.
constexpr std::array removed_versions{"extensions/v1beta1"sv, "apps/v1alpha1"sv, "apps/v1beta1"sv,
                                      "apps/v1beta2"sv,       "batch/v1beta1"sv, "batch/v2alpha1"sv};

std::string_view text_of(const Node* node) {
  return node == nullptr ? std::string_view() : node->text;
}
bool is_set(const Node* node) {
  return node != nullptr && node->kind != Kind::Null;
}

/// The checks of one workload.
class Rules {
 public:
  Rules(const Node& workload, const KindRule& rule, DiagnosticCollector& report)
      : workload_(workload), rule_(rule), report_(report), spec_(workload.find("spec")) {
    // The spec that has the template.
    holder_ = rule.kind == "CronJob" ? find(spec_, {"jobTemplate", "spec"}) : spec_;
    template_ = find(holder_, {"template"});
  }

  void check() {
    check_api_version();
    decode_object(workload_, {.field = "a manifest"}, *find_workload_table(rule_.kind), nullptr, report_);
    check_name();
    check_annotations();
    check_restart_policy();
    check_selector();
    check_strategy();
    if (rule_.ends) check_job();
    if (const Node* deadline = find(template_, {"spec", "activeDeadlineSeconds"}); is_set(deadline) && !rule_.ends)
      report_.add(deadline->at, fmt::format("a {}'s template cannot have activeDeadlineSeconds", rule_.kind),
                  "leave it out: its pods do not end");
  }

 private:
  void check_api_version() {
    const Node* version = workload_.find("apiVersion");
    if (!is_set(version))
      return report_.add(workload_.at, fmt::format("the field \"apiVersion\" is missing in a {}", rule_.kind),
                         fmt::format("write apiVersion: {}", rule_.api_version));
    if (version->text == rule_.api_version) return;
    const bool is_removed = std::ranges::find(removed_versions, version->text) != removed_versions.end();
    report_.add(version->at,
                fmt::format("apiVersion must be {}, but this is {}", rule_.api_version, in_quotes(version->text)),
                is_removed ? fmt::format("Kubernetes has removed {}", version->text) : "");
  }

  /// The name becomes a host name in a StatefulSet and in a Job with an index. A CronJob's gets eleven characters more.
  void check_name() {
    const Node* name = find(&workload_, {"metadata", "name"});
    if (name == nullptr || !dns_subdomain(name->text).empty()) return;
    const bool is_stateful = rule_.kind == "StatefulSet";
    const std::string host = is_stateful ? identity_of(workload_).pod_name : name->text + "-0";
    if (const ValueError error = dns_label(host); (is_stateful || is_indexed()) && !error.empty())
      return report_.add(name->at, fmt::format("the host name of its pod, {}, {}", in_quotes(host), error));
    const std::size_t most = rule_.kind == "CronJob" ? 52 : 63;  // a Job's name is a label of its pods
    if (rule_.ends && name->text.size() > most)
      report_.add(name->at, fmt::format("the name of a {} must be at most {} characters long", rule_.kind, most));
  }

  void check_annotations() {
    const Node* annotations = find(&workload_, {"metadata", "annotations"});
    if (annotations == nullptr) return;
    for (const yaml::Entry& entry : annotations->entries)
      if (entry.key->text.starts_with("podrun.io/"))
        report_.warn(entry.key->at, fmt::format("{} has no effect here: it belongs to the pod", entry.key->text),
                     "put it under the template's metadata.annotations");
  }

  void check_restart_policy() {
    const Node* spec = find(template_, {"spec"});
    if (spec == nullptr || spec->kind != Kind::Mapping) return;
    const Node* policy = spec->find("restartPolicy");
    const std::string_view text = text_of(policy);
    const bool is_always = text.empty() || text == "Always";
    if (rule_.ends && text.empty())
      return report_.add(spec->at, fmt::format("the restartPolicy of a {} must be OnFailure or Never", rule_.kind),
                         "without it, it is Always");
    if (rule_.ends && is_always)
      return report_.add(
          policy->at,
          fmt::format("restartPolicy must be OnFailure or Never in a {}, but this is \"Always\"", rule_.kind),
          "a Deployment has pods that always run");
    const bool is_known = text == "OnFailure" || text == "Never";  // others are reported with the pod
    if (!rule_.ends && is_known)
      report_.add(policy->at,
                  fmt::format("restartPolicy must be Always in a {}, but this is {}", rule_.kind, in_quotes(text)),
                  "a Job has pods that end");
  }

  bool is_indexed() const { return text_of(find(holder_, {"completionMode"})) == "Indexed"; }
  void check_strategy() {
    for (const std::string_view field : {"strategy", "updateStrategy"}) {
      const Node* rolling = find(spec_, {field, "rollingUpdate"});
      const std::string_view type = text_of(find(spec_, {field, "type"}));
      if (is_set(rolling) && (type == "Recreate" || type == "OnDelete"))
        report_.add(rolling->at, fmt::format("rollingUpdate cannot be together with type {}", type));
      if (is_set(rolling)) check_rolling_update(*rolling);
    }
  }

  static bool is_zero(const Node* node) {
    return is_set(node) && (to_integer(node->text).value_or(-1) == 0 || node->text == "0%");
  }

  /// A rollout that may neither add nor remove a pod would never end. The defaults are the kind's.
  void check_rolling_update(const Node& rolling) {
    const Node *unavailable = rolling.find("maxUnavailable"), *surge = rolling.find("maxSurge");
    const bool adds_by_default = rule_.kind == "Deployment";
    if (is_zero(unavailable) && (is_set(surge) ? is_zero(surge) : !adds_by_default))
      report_.add(unavailable->at, rule_.kind == "StatefulSet" ? "maxUnavailable must not be 0"
                                                               : "maxUnavailable must not be 0 where maxSurge is 0");
  }

  const Node* labels() const { return find(template_, {"metadata", "labels"}); }

  void check_selector() {
    const Node* selector = find(holder_, {"selector"});
    if (rule_.ends && is_set(selector)) return check_selector_of_job(*selector);
    if (rule_.ends) return check_manual_selector();
    if (holder_ == nullptr || holder_->kind != Kind::Mapping || template_ == nullptr) return;
    if (rule_.kind == "ReplicationController") return check_selector_of_controller(selector);
    if (!is_set(selector))
      return report_.add(holder_->at, fmt::format("the field \"selector\" is missing in a {}'s spec", rule_.kind),
                         selector_hint());
    const bool is_readable =
        selector->kind == Kind::Mapping && std::ranges::all_of(selector->entries, [](const auto& e) {
          return e.key->text == "matchLabels" || e.key->text == "matchExpressions";
        });
    if (!is_readable) return;  // reported by the table
    if (is_empty_selector(*selector))
      return report_.add(selector->at, fmt::format("the selector of a {} must not be empty", rule_.kind),
                         selector_hint());
    if (!selects(*selector, labels(), report_)) report_mismatch(*selector);
  }

  void check_selector_of_controller(const Node* selector) {
    const bool is_given = is_set(selector) && !selector->entries.empty();
    if (!is_given && (labels() == nullptr || labels()->entries.empty()))
      return report_.add(template_->at, "the template of a ReplicationController must have labels",
                         "write metadata: {labels: {app: NAME}}");
    if (is_given && !has_labels(labels(), selector)) report_mismatch(*selector);
  }

  /// The selector of a Job is made by its controller. It is in what a cluster prints.
  void check_selector_of_job(const Node& selector) {
    const bool is_manual = to_boolean(text_of(find(holder_, {"manualSelector"}))).value_or(false);
    if (rule_.kind == "CronJob")
      return report_.add(selector.at, "the jobTemplate of a CronJob has no selector", "leave it out: it is generated");
    const Node* texts = selector.find("matchLabels");
    const auto is_generated = [](const yaml::Entry& entry) {
      const std::string& key = entry.key->text;
      return key.ends_with("controller-uid") || key.ends_with("job-name");
    };
    if (!is_manual && texts != nullptr && std::ranges::all_of(texts->entries, is_generated)) return;
    if (!is_manual && !is_empty_selector(selector))
      return report_.add(selector.at, "the selector of a Job is generated",
                         "leave it out, or set manualSelector: true");
    if (is_manual && !selects(selector, labels(), report_)) report_mismatch(selector);
  }

  void check_manual_selector() {
    const Node* manual = find(holder_, {"manualSelector"});
    if (rule_.kind == "Job" && to_boolean(text_of(manual)).value_or(false))
      report_.add(manual->at, "manualSelector needs a selector", selector_hint());
  }

  void report_mismatch(const Node& selector) {
    const Node* at = labels() != nullptr ? labels() : find(template_, {"metadata"});
    report_.add(at == nullptr ? template_->at : at->at, "the selector does not match the template's labels",
                fmt::format("the selector is on line {}", report_.line_of(selector.at)));
  }

  std::string selector_hint() const {
    const bool has_one = labels() != nullptr && !labels()->entries.empty();
    if (!has_one) return "give the template a label, and select it: selector: {matchLabels: {app: NAME}}";
    const yaml::Entry& label = labels()->entries.front();
    return fmt::format("write selector: {{matchLabels: {{{}: {}}}}}", label.key->text, label.value->text);
  }

  void check_job() {
    const auto needs_index = [&](std::string_view name) {
      if (const Node* field = find(holder_, {name}); is_set(field) && !is_indexed())
        report_.add(field->at, fmt::format("{} needs completionMode: Indexed", name));
    };
    if (is_indexed() && !is_set(find(holder_, {"completions"})))
      report_.add(find(holder_, {"completionMode"})->at, "completionMode Indexed needs completions");
    for (const std::string_view name : {"backoffLimitPerIndex", "successPolicy"}) needs_index(name);
    if (const Node* most = find(holder_, {"maxFailedIndexes"});
        is_set(most) && !is_set(find(holder_, {"backoffLimitPerIndex"})))
      report_.add(most->at, "maxFailedIndexes needs backoffLimitPerIndex");
    const std::string_view policy = text_of(find(template_, {"spec", "restartPolicy"}));
    if (const Node* rule = find(holder_, {"podFailurePolicy"}); is_set(rule) && policy != "Never")
      report_.add(rule->at, "podFailurePolicy needs the template's restartPolicy to be Never");
    if (rule_.kind == "CronJob" && to_boolean(text_of(find(holder_, {"manualSelector"}))).value_or(false))
      report_.add(find(holder_, {"manualSelector"})->at, "the jobTemplate of a CronJob has no manualSelector");
  }

  const Node& workload_;
  const KindRule& rule_;
  DiagnosticCollector& report_;
  const Node* spec_;
  const Node* holder_ = nullptr;
  const Node* template_ = nullptr;
};

}  // namespace

std::string_view api_version_of(std::string_view kind) {
  const auto rule = std::ranges::find(rules, kind, &KindRule::kind);
  return rule == rules.end() ? std::string_view() : rule->api_version;
}

void check_workload(const Node& workload, DiagnosticCollector& report) {
  const auto rule = std::ranges::find(rules, workload.find("kind")->text, &KindRule::kind);
  if (rule != rules.end()) Rules(workload, *rule, report).check();
}

}  // namespace podrun::pod
