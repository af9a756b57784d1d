// Workloads as one pod: its identity, its claims, and what is said.
#include "pod/workload/workload.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/pod/readings.hpp"

namespace podrun::pod {
namespace {

using Texts = std::map<std::string, std::string>;

const std::string pod_template =
    "    metadata: {labels: {app: x}}\n    spec: {containers: [{name: c, image: busybox}]}\n";

/// A workload of apps/v1 with a template of one container. SPEC and TEMPLATE_SPEC carry lines with their indentation.
std::string workload(std::string_view kind, std::string_view spec = "", std::string_view template_spec = "") {
  return fmt::format(
      "apiVersion: apps/v1\nkind: {}\nmetadata: {{name: web, namespace: lab}}\nspec:\n"
      "  selector: {{matchLabels: {{app: x}}}}\n{}  template:\n    metadata: {{labels: {{app: x}}}}\n"
      "    spec:\n      containers: [{{name: c, image: busybox}}]\n{}",
      kind, spec, template_spec);
}
std::string job(std::string_view spec, std::string_view container = "") {
  return fmt::format(
      "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: sum}}\nspec:\n{}  template:\n    spec:\n"
      "      restartPolicy: Never\n      containers:\n      - name: c\n        image: busybox\n{}",
      spec, container);
}

/// The `spec` of a claim.
const std::string claim_spec = "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}";

/// The only pod of a text without errors.
Pod pod_of(const std::string& text) {
  const Manifests manifests = read({text});
  EXPECT_TRUE(has_no_errors(manifests)) << fmt::format("{}", fmt::join(said(manifests), "\n"));
  return manifests.pods.at(0).pod;
}

TEST(Workload, AWorkloadsTemplateRunsAsOnePodWithAWarning) {
  const auto manifests = read({workload("Deployment", "  replicas: 3\n  strategy: {}\n  paused: null\n")});
  EXPECT_EQ(
      said(manifests),
      Lines{"1:2:7 warning: the pod template of this Deployment runs as one pod; without effect: replicas, strategy"});
  EXPECT_EQ(pods(manifests), Lines{"lab_web"});
  EXPECT_EQ(manifests.pods[0].pod.metadata.labels, (Texts{{"app", "x"}}));
}

TEST(Workload, ACronJobsTemplateIsFoundInItsJobTemplate) {
  const auto manifests =
      read({"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: night}\n"
            "spec:\n  schedule: 0 3 * * *\n  jobTemplate: {spec: {backoffLimit: 2, template: {spec: "
            "{containers: [{name: c, image: busybox}], restartPolicy: Never}}}}\n"});
  EXPECT_EQ(said(manifests), Lines{"1:2:7 warning: the pod template of this CronJob runs as one pod; without effect: "
                                   "schedule, backoffLimit"});
  EXPECT_EQ(pods(manifests), Lines{"default_night"});
  EXPECT_EQ(manifests.pods[0].pod.metadata.labels,
            (Texts{{"batch.kubernetes.io/job-name", "night"}, {"job-name", "night"}}));
}

TEST(Workload, AWorkloadWithoutATemplateIsAnError) {
  EXPECT_EQ(errors("apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {}\n"),
            Lines{"4:7 this Job has no pod template (it belongs under spec.template)"});
  EXPECT_EQ(errors("apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: j}\nspec: {schedule: '@daily'}\n"),
            Lines{"4:7 this CronJob has no pod template (it belongs under spec.jobTemplate.spec.template)"});
  EXPECT_EQ(errors("apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {tempalte: {}}\n"),
            Lines{"4:8 unknown field \"tempalte\" in a Job's spec (did you mean \"template\"?)"});
  EXPECT_EQ(errors("apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspce: {}\n"),
            Lines{"4:1 unknown field \"spce\" in a Job (did you mean \"spec\"?)"});
}

TEST(Workload, AMistakeInATemplateIsReportedAtItsPlace) {
  EXPECT_EQ(errors("apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  template:\n    spec:\n"
                   "      restartPolicy: Never\n      containers:\n      - {name: c, imge: busybox}\n"),
            Lines{"9:19 unknown field \"imge\" in a container (did you mean \"image\"?)"});
}

TEST(Workload, AnAnnotationOfPodrunBelongsToTheTemplate) {
  EXPECT_EQ(
      said(read({"apiVersion: v1\nkind: ReplicationController\n"
                 "metadata: {name: a, annotations: {podrun.io/limit-core: \"0\", other: a}}\nspec:\n  template:\n" +
                 pod_template}))
          .back(),
      "1:3:35 warning: podrun.io/limit-core has no effect here: it belongs to the pod (put it under the "
      "template's metadata.annotations)");
}

// ---- identity ----

TEST(WorkloadIdentity, AStatefulSetsPodHasItsNumberInItsNames) {
  const auto manifests = read({workload("StatefulSet", "  serviceName: nodes\n  replicas: 3\n",
                                        "      hostname: other\n      subdomain: other\n")});
  EXPECT_EQ(
      said(manifests),
      (Lines{"1:2:7 warning: the pod template of this StatefulSet runs as one pod, web-0; without effect: replicas",
             "1:12:17 note: hostname has no effect: the StatefulSet gives \"web-0\"",
             "1:13:18 note: subdomain has no effect: the StatefulSet gives \"nodes\""}));
  const Pod& pod = manifests.pods.at(0).pod;
  EXPECT_EQ(pod_id(pod.metadata), "lab_web-0");
  EXPECT_EQ(pod.spec.hostname, "web-0");
  EXPECT_EQ(pod.spec.subdomain, "nodes");
  EXPECT_EQ(
      pod.metadata.labels,
      (Texts{{"app", "x"}, {"apps.kubernetes.io/pod-index", "0"}, {"statefulset.kubernetes.io/pod-name", "web-0"}}));
}

TEST(WorkloadIdentity, AStatefulSetMayBeginWithAnotherNumber) {
  const Pod pod = pod_of(
      workload("StatefulSet",
               "  ordinals: {start: 5}\n  volumeClaimTemplates: [{metadata: {name: d}, spec: " + claim_spec + "}]\n"));
  EXPECT_EQ(pod.metadata.name, "web-5");
  EXPECT_EQ(pod.metadata.labels.at("apps.kubernetes.io/pod-index"), "5");
  EXPECT_TRUE(pod.objects.claims.contains("d-web-5"));
  EXPECT_EQ(pod.spec.subdomain, "");
}

TEST(WorkloadIdentity, AClaimTemplateTakesThePlaceOfAVolume) {
  const auto manifests = read(
      {workload("StatefulSet",
                "  volumeClaimTemplates:\n  - metadata: {name: data, labels: {a: b}}\n    spec: " + claim_spec + "\n",
                "      volumes: [{name: data, emptyDir: {}}, {name: tmp, emptyDir: {}}]\n")});
  const Lines all = said(manifests);
  EXPECT_NE(std::ranges::find(all, "1:13:24 warning: the claim template \"data\" takes the place of this volume"),
            all.end());
  const auto& volumes = manifests.pods.at(0).pod.spec.volumes;
  ASSERT_EQ(volumes.size(), 2U);
  EXPECT_EQ(volumes[0].name, "tmp");
  EXPECT_EQ(volumes[1].name, "data");
  EXPECT_EQ(std::get<ClaimVolume>(volumes[1].source).claim_name, "data-web-0");
  EXPECT_EQ(manifests.pods[0].pod.objects.claims.at("data-web-0").metadata.labels.at("a"), "b");
}

TEST(WorkloadIdentity, AClaimThatIsDeclaredWinsOverItsTemplate) {
  const std::string set =
      workload("StatefulSet",
               "  volumeClaimTemplates: [{metadata: {name: d, labels: {of: template}}, spec: " + claim_spec + "}]\n");
  const std::string claim =
      "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: d-web-0, namespace: lab, "
      "labels: {of: document}}\nspec: " +
      claim_spec + "\n";
  for (const auto& text : {set + "---\n" + claim, claim + "---\n" + set})
    EXPECT_EQ(pod_of(text).objects.claims.at("d-web-0").metadata.labels.at("of"), "document");
  EXPECT_EQ(errors(set + "---\n" + claim + "---\n" + claim).size(), 1U);
}

TEST(WorkloadIdentity, AJobsPodHasItsNameAsLabels) {
  const Pod pod = pod_of(job(""));
  EXPECT_EQ(pod.metadata.name, "sum");
  EXPECT_EQ(pod.spec.hostname, "");
  EXPECT_EQ(pod.metadata.labels, (Texts{{"batch.kubernetes.io/job-name", "sum"}, {"job-name", "sum"}}));
  EXPECT_EQ(pod.spec.containers.at(0).env, std::vector<EnvVar>{});
}

TEST(WorkloadIdentity, AnIndexedJobsPodKnowsItsIndex) {
  const std::string indexed = "  completionMode: Indexed\n  completions: 2\n  backoffLimitPerIndex: 1\n";
  const Pod pod = pod_of(job(indexed, "        env: [{name: A, value: a}]\n"));
  const std::string index = "batch.kubernetes.io/job-completion-index";
  EXPECT_EQ(pod.metadata.name, "sum");
  EXPECT_EQ(pod.spec.hostname, "sum-0");
  EXPECT_EQ(pod.metadata.labels.at(index), "0");
  EXPECT_EQ(pod.metadata.annotations, (Texts{{index, "0"}, {"batch.kubernetes.io/job-index-failure-count", "0"}}));
  EXPECT_EQ(pod.spec.containers.at(0).env,
            (std::vector<EnvVar>{{"A", "a"}, {"JOB_COMPLETION_INDEX", FieldRef{"metadata.labels['" + index + "']"}}}));
  const Pod other = pod_of(job(indexed, "        env: [{name: JOB_COMPLETION_INDEX, value: \"7\"}]\n"));
  EXPECT_EQ(other.spec.containers.at(0).env, (std::vector<EnvVar>{{"JOB_COMPLETION_INDEX", "7"}}));
}

TEST(WorkloadIdentity, WhatACronJobGivesIsThatOfItsJob) {
  const Pod pod = pod_of(
      "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: night}\nspec:\n  schedule: '@daily'\n"
      "  jobTemplate:\n    spec:\n      completionMode: Indexed\n      completions: 1\n"
      "      template:\n        spec:\n          restartPolicy: OnFailure\n"
      "          containers: [{name: c, image: b}]\n");
  EXPECT_EQ(pod.spec.hostname, "night-0");
  EXPECT_EQ(pod.metadata.labels.at("job-name"), "night");
}

}  // namespace
}  // namespace podrun::pod
