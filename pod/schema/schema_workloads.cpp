// The tables of workloads. A field of type "" is checked elsewhere: the rules between fields, the pod template and the
// claim templates are those of pod/workload/workload.cpp.
#include "pod/schema/schema_workloads.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "pod/schema/codecs.hpp"
#include "pod/spec/cron_schedule.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr auto observed = no_effect("it is what a cluster observed, not what is wanted");

ValueError some_text(std::string_view value) {
  return value.empty() ? "must not be empty" : ValueError();
}

constexpr Integer count{.least = 0, .most = std::numeric_limits<std::int32_t>::max(), .type = "int32"};
constexpr Integer seconds{.least = 0};
constexpr Text schedule_text{cron_schedule};
constexpr Text zone_text{some_text};
constexpr Text subdomain_text_of_set{dns_label};

template <std::size_t N>
constexpr auto one_of_words(const std::string_view (&words)[N]) {
  Choice<std::string_view, N> choice{};
  for (std::size_t i = 0; i < N; ++i) choice.values[i] = {words[i], words[i]};
  return choice;
}
constexpr auto strategies = one_of_words({"Recreate"sv, "RollingUpdate"sv});
constexpr auto updates = one_of_words({"OnDelete"sv, "RollingUpdate"sv});
constexpr auto orders = one_of_words({"OrderedReady"sv, "Parallel"sv});
constexpr auto retentions = one_of_words({"Delete"sv, "Retain"sv});
constexpr auto concurrencies = one_of_words({"Allow"sv, "Forbid"sv, "Replace"sv});
constexpr auto completion_modes = one_of_words({"NonIndexed"sv, "Indexed"sv});
constexpr auto replacements = one_of_words({"TerminatingOrFailed"sv, "Failed"sv});
constexpr auto failure_actions = one_of_words({"Count"sv, "FailIndex"sv, "FailJob"sv, "Ignore"sv});
constexpr auto exit_code_operators = one_of_words({"In"sv, "NotIn"sv});

template <const auto& Codec>
constexpr Row number(std::string_view name) {
  return verified<std::int64_t, Codec>(name, optional, {}, "");
}
template <const auto& Codec>
constexpr Row word(std::string_view name, Presence presence = optional) {
  return verified<std::string, Codec>(name, presence, {}, "");
}
constexpr Row field(std::string_view name, std::string_view type) {
  return unused(name, type, {});
}

/// The rows of a workload with the type of its spec.
constexpr std::array<Row, 5> workload_rows(std::string_view spec) {
  return {field("apiVersion", ""), field("kind", ""), unused("metadata", "ObjectMeta", {}, required),
          unused("spec", spec, {}, required), unused("status", "", observed)};
}
constexpr auto deployment = workload_rows("DeploymentSpec"), replica_set = workload_rows("ReplicaSetSpec"),
               stateful_set = workload_rows("StatefulSetSpec"), daemon_set = workload_rows("DaemonSetSpec"),
               job = workload_rows("JobSpec"), cron_job = workload_rows("CronJobSpec"),
               replication_controller = workload_rows("ReplicationControllerSpec");

constexpr Row pod_template = field("template", "PodTemplateSpec");
constexpr std::array deployment_spec{number<count>("minReadySeconds"),         field("paused", "boolean"),
                                     number<count>("progressDeadlineSeconds"), number<count>("replicas"),
                                     number<count>("revisionHistoryLimit"),    field("selector", "LabelSelector"),
                                     field("strategy", "DeploymentStrategy"),  pod_template};
constexpr std::array replica_set_spec{number<count>("minReadySeconds"), number<count>("replicas"),
                                      field("selector", "LabelSelector"), pod_template};
constexpr std::array replication_controller_spec{number<count>("minReadySeconds"), number<count>("replicas"),
                                                 field("selector", "map[string]string"), pod_template};
constexpr std::array daemon_set_spec{number<count>("minReadySeconds"), number<count>("revisionHistoryLimit"),
                                     field("selector", "LabelSelector"), pod_template,
                                     field("updateStrategy", "DaemonSetUpdateStrategy")};
constexpr std::array stateful_set_spec{
    number<count>("minReadySeconds"),
    field("ordinals", "StatefulSetOrdinals"),
    field("persistentVolumeClaimRetentionPolicy", "StatefulSetPersistentVolumeClaimRetentionPolicy"),
    word<orders>("podManagementPolicy"),
    number<count>("replicas"),
    number<count>("revisionHistoryLimit"),
    field("selector", "LabelSelector"),
    word<subdomain_text_of_set>("serviceName"),
    pod_template,
    field("updateStrategy", "StatefulSetUpdateStrategy"),
    field("volumeClaimTemplates", "")};
constexpr std::array job_spec{number<seconds>("activeDeadlineSeconds"),
                              number<count>("backoffLimit"),
                              number<count>("backoffLimitPerIndex"),
                              word<completion_modes>("completionMode"),
                              number<count>("completions"),
                              field("managedBy", "string"),
                              field("manualSelector", "boolean"),
                              number<count>("maxFailedIndexes"),
                              number<count>("parallelism"),
                              field("podFailurePolicy", "PodFailurePolicy"),
                              word<replacements>("podReplacementPolicy"),
                              field("selector", "LabelSelector"),
                              field("successPolicy", "SuccessPolicy"),
                              field("suspend", "boolean"),
                              pod_template,
                              number<count>("ttlSecondsAfterFinished")};
constexpr std::array cron_job_spec{word<concurrencies>("concurrencyPolicy"),
                                   number<count>("failedJobsHistoryLimit"),
                                   field("jobTemplate", "JobTemplateSpec"),
                                   word<schedule_text>("schedule", required),
                                   number<seconds>("startingDeadlineSeconds"),
                                   number<count>("successfulJobsHistoryLimit"),
                                   field("suspend", "boolean"),
                                   word<zone_text>("timeZone")};

constexpr std::array pod_template_rows{field("metadata", ""), field("spec", "")};
constexpr std::array job_template_rows{field("metadata", ""), field("spec", "JobSpec")};
constexpr std::array deployment_strategy{field("rollingUpdate", "RollingUpdateDeployment"), word<strategies>("type")};
constexpr std::array rolling_update{field("maxSurge", "IntOrString"), field("maxUnavailable", "IntOrString")};
constexpr std::array daemon_set_update{field("rollingUpdate", "RollingUpdateDaemonSet"), word<updates>("type")};
constexpr std::array stateful_set_update{field("rollingUpdate", "RollingUpdateStatefulSetStrategy"),
                                         word<updates>("type")};
constexpr std::array stateful_set_rolling_update{field("maxUnavailable", "IntOrString"), number<count>("partition")};
constexpr std::array ordinals{number<count>("start")};
constexpr std::array retention{word<retentions>("whenDeleted"), word<retentions>("whenScaled")};
constexpr std::array failure_policy{unused("rules", "[]PodFailurePolicyRule", {}, required)};
constexpr std::array failure_rule{word<failure_actions>("action", required),
                                  field("onExitCodes", "PodFailurePolicyOnExitCodesRequirement"),
                                  field("onPodConditions", "[]PodFailurePolicyOnPodConditionsPattern")};
constexpr std::array failure_codes{field("containerName", "string"), word<exit_code_operators>("operator", required),
                                   unused("values", "[]int32", {}, required)};
constexpr std::array failure_conditions{field("status", "string"), unused("type", "string", {}, required)};
constexpr std::array success_policy{unused("rules", "[]SuccessPolicyRule", {}, required)};
constexpr std::array success_rule{number<count>("succeededCount"), field("succeededIndexes", "string")};

constexpr std::string_view in_template = "template.", in_job = "jobTemplate.spec.template.";
constexpr Table tables[] = {
    {"Deployment", "a Deployment", deployment},
    {"ReplicaSet", "a ReplicaSet", replica_set},
    {"StatefulSet", "a StatefulSet", stateful_set},
    {"DaemonSet", "a DaemonSet", daemon_set},
    {"Job", "a Job", job},
    {"CronJob", "a CronJob", cron_job},
    {"ReplicationController", "a ReplicationController", replication_controller},
    {"DeploymentSpec", "a Deployment's spec", deployment_spec, "", in_template},
    {"ReplicaSetSpec", "a ReplicaSet's spec", replica_set_spec, "", in_template},
    {"StatefulSetSpec", "a StatefulSet's spec", stateful_set_spec, "", in_template},
    {"DaemonSetSpec", "a DaemonSet's spec", daemon_set_spec, "", in_template},
    {"JobSpec", "a Job's spec", job_spec, "", in_template},
    {"CronJobSpec", "a CronJob's spec", cron_job_spec, "", in_job},
    {"ReplicationControllerSpec", "a ReplicationController's spec", replication_controller_spec, "", in_template},
    {"PodTemplateSpec", "a pod template", pod_template_rows},
    {"JobTemplateSpec", "a jobTemplate", job_template_rows},
    {"DeploymentStrategy", "a strategy", deployment_strategy},
    {"RollingUpdateDeployment", "a rollingUpdate", rolling_update},
    {"RollingUpdateDaemonSet", "a rollingUpdate", rolling_update},
    {"DaemonSetUpdateStrategy", "an updateStrategy", daemon_set_update},
    {"StatefulSetUpdateStrategy", "an updateStrategy", stateful_set_update},
    {"RollingUpdateStatefulSetStrategy", "a rollingUpdate", stateful_set_rolling_update},
    {"StatefulSetOrdinals", "ordinals", ordinals},
    {"StatefulSetPersistentVolumeClaimRetentionPolicy", "a retention policy", retention},
    {"PodFailurePolicy", "a podFailurePolicy", failure_policy},
    {"PodFailurePolicyRule", "a rule", failure_rule},
    {"PodFailurePolicyOnExitCodesRequirement", "onExitCodes", failure_codes},
    {"PodFailurePolicyOnPodConditionsPattern", "a pattern", failure_conditions},
    {"SuccessPolicy", "a successPolicy", success_policy},
    {"SuccessPolicyRule", "a rule", success_rule},
};

}  // namespace

const Table* find_workload_table(std::string_view type) {
  const auto found = std::ranges::find(tables, type, &Table::type);
  return found == std::end(tables) ? nullptr : &*found;
}

}  // namespace podrun::pod
