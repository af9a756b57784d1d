// What Kubernetes demands of workloads, as a table: a workload and its mistakes.
//
// Sources: pkg/apis/apps/validation, pkg/apis/batch/validation and ValidatePodTemplateSpecForRC of Kubernetes 1.35.
#include "pod/workload/workload_rules.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/pod/readings.hpp"

namespace podrun::pod {
namespace {

/// A workload; empty parts are those of a valid one.
struct Parts {
  std::string_view kind = "Deployment";
  std::string_view version = "apps/v1";
  std::string_view spec = "";           ///< lines with an indentation of 2, from line 5 on
  std::string_view template_spec = "";  ///< lines with an indentation of 6
  std::string_view selector = "  selector: {matchLabels: {app: x}}\n";
  std::string_view labels = "{app: x, tier: web}";
  std::string_view name = "web";
};

std::string text_of(const Parts& parts) {
  return fmt::format(
      "apiVersion: {}\nkind: {}\nmetadata: {{name: {}}}\nspec:\n{}{}  template:\n"
      "    metadata: {{labels: {}}}\n    spec:\n      containers: [{{name: c, image: b}}]\n{}",
      parts.version, parts.kind, parts.name, parts.spec, parts.selector, parts.labels, parts.template_spec);
}
Lines mistakes_of(const Parts& parts) {
  return errors(text_of(parts));
}

Parts job(std::string_view spec, std::string_view template_spec = "      restartPolicy: Never\n") {
  return {.kind = "Job", .version = "batch/v1", .spec = spec, .template_spec = template_spec, .selector = ""};
}

const std::vector<std::string_view> kinds_that_stay{"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"};

TEST(WorkloadRules, APodThatStaysIsAlwaysRestarted) {
  for (const std::string_view kind : kinds_that_stay)
    for (const std::string_view policy : {"OnFailure", "Never"})
      EXPECT_EQ(mistakes_of({.kind = kind, .template_spec = fmt::format("      restartPolicy: {}\n", policy)}),
                Lines{fmt::format("10:22 restartPolicy must be Always in a {}, but this is \"{}\" (a Job has pods that "
                                  "end)",
                                  kind, policy)});
  for (const std::string_view policy : {"Always", "", "null", "\"\""})
    EXPECT_EQ(mistakes_of({.template_spec = fmt::format("      restartPolicy: {}\n", policy)}), Lines{}) << policy;
  EXPECT_EQ(mistakes_of({.kind = "ReplicationController",
                         .version = "v1",
                         .template_spec = "      restartPolicy: Never\n",
                         .selector = ""}),
            Lines{"9:22 restartPolicy must be Always in a ReplicationController, but this is \"Never\" (a Job has pods "
                  "that end)"});
}

TEST(WorkloadRules, APodThatEndsIsNotAlwaysRestarted) {
  EXPECT_EQ(mistakes_of(job("", "")),
            Lines{"8:7 the restartPolicy of a Job must be OnFailure or Never (without it, it is Always)"});
  EXPECT_EQ(mistakes_of(job("", "      restartPolicy:\n")),
            Lines{"8:7 the restartPolicy of a Job must be OnFailure or Never (without it, it is Always)"});
  EXPECT_EQ(
      mistakes_of(job("", "      restartPolicy: Always\n")),
      Lines{"9:22 restartPolicy must be OnFailure or Never in a Job, but this is \"Always\" (a Deployment has pods "
            "that always run)"});
  EXPECT_EQ(mistakes_of(job("", "      restartPolicy: OnFailure\n")), Lines{});
  EXPECT_EQ(errors("apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  schedule: '@daily'\n"
                   "  jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: b}]}}}}\n"),
            Lines{"6:41 the restartPolicy of a CronJob must be OnFailure or Never (without it, it is Always)"});
}

TEST(WorkloadRules, OnlyAPodThatEndsMayHaveADeadline) {
  EXPECT_EQ(
      mistakes_of({.template_spec = "      activeDeadlineSeconds: 5\n"}),
      Lines{"10:30 a Deployment's template cannot have activeDeadlineSeconds (leave it out: its pods do not end)"});
  EXPECT_EQ(mistakes_of(job("", "      restartPolicy: Never\n      activeDeadlineSeconds: 5\n")),
            Lines{});
}

TEST(WorkloadRules, EachKindHasItsApiVersion) {
  for (const std::string_view old : {"extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"})
    EXPECT_EQ(
        mistakes_of({.version = old}),
        Lines{fmt::format("1:13 apiVersion must be apps/v1, but this is \"{0}\" (Kubernetes has removed {0})", old)});
  EXPECT_EQ(mistakes_of({.version = "v1"}), Lines{"1:13 apiVersion must be apps/v1, but this is \"v1\""});
  EXPECT_EQ(mistakes_of({.version = "null"}),
            Lines{"1:1 the field \"apiVersion\" is missing in a Deployment (write apiVersion: apps/v1)"});
  Parts old_job = job("");
  old_job.version = "batch/v1beta1";
  EXPECT_EQ(mistakes_of(old_job),
            Lines{"1:13 apiVersion must be batch/v1, but this is \"batch/v1beta1\" (Kubernetes has "
                  "removed batch/v1beta1)"});
}

TEST(WorkloadRules, FieldsOfAWorkloadAreCheckedAsThoseOfAPod) {
  const auto first = [](const Parts& parts) {
    const Lines all = mistakes_of(parts);
    return all.size() == 1 ? all.front() : fmt::format("{} mistakes: {}", all.size(), fmt::join(all, "\n"));
  };
  EXPECT_EQ(first({.spec = "  replicsa: 3\n"}),
            "5:3 unknown field \"replicsa\" in a Deployment's spec (did you mean \"replicas\"?)");
  EXPECT_EQ(first({.spec = "  serviceName: a\n"}), "5:3 unknown field \"serviceName\" in a Deployment's spec");
  EXPECT_EQ(first({.spec = "  containers: []\n"}),
            "5:3 unknown field \"containers\" in a Deployment's spec (containers belongs under template.spec)");
  EXPECT_EQ(first({.spec = "  replicas: -1\n"}), "5:13 replicas must be from 0 to 2147483647");
  EXPECT_EQ(first({.spec = "  replicas: \"1\"\n"}),
            "5:13 replicas must be a whole number, but this is a string (write 1 without quotes)");
  EXPECT_EQ(first({.spec = "  replicas: 1.0\n  strategy: {type: Recreate}\n"}), "0 mistakes: ");
  EXPECT_EQ(first({.spec = "  strategy: {type: Recreat}\n"}),
            "5:20 type must be one of Recreate, RollingUpdate, but this is \"Recreat\" (did you mean \"Recreate\"?)");
  EXPECT_EQ(first({.spec = "  strategy: {rollingUpdate: {maxSurge: 25%, maxUnavailable: 1, x: 1}}\n"}),
            "5:64 unknown field \"x\" in a rollingUpdate");
  EXPECT_EQ(first({.spec = "  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}\n"}),
            "5:59 maxUnavailable must not be 0 where maxSurge is 0");
  EXPECT_EQ(first({.spec = "  strategy: {rollingUpdate: {maxUnavailable: 0}}\n"}), "0 mistakes: ") << "maxSurge is 25%";
  EXPECT_EQ(first({.spec = "  strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}\n"}),
            "5:45 rollingUpdate cannot be together with type Recreate");
  EXPECT_EQ(first({.kind = "StatefulSet", .spec = "  podManagementPolicy: All\n"}),
            "5:24 podManagementPolicy must be one of OrderedReady, Parallel, but this is \"All\"");
  EXPECT_EQ(first(job("  backofLimit: 3\n")),
            "5:3 unknown field \"backofLimit\" in a Job's spec (did you mean \"backoffLimit\"?)");
  EXPECT_EQ(errors("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nreplicas: 3\nspec:\n"
                   "  selector: {matchLabels: {app: x}}\n  template:\n    metadata: {labels: {app: x}}\n"
                   "    spec: {containers: [{name: c, image: b}]}\n"),
            Lines{"4:1 unknown field \"replicas\" in a Deployment (replicas belongs under spec)"});
  EXPECT_EQ(errors("apiVersion: apps/v1\nkind: Deployment\nmetadata: {}\nspec:\n"
                   "  selector: {matchLabels: {app: x}}\n  template:\n    metadata: {labels: {app: x}}\n"
                   "    spec: {containers: [{name: c, image: b}]}\n"),
            Lines{"3:11 the field \"name\" is missing in metadata"});
}

TEST(WorkloadRules, TheSelectorSelectsTheTemplate) {
  for (const std::string_view kind : kinds_that_stay) {
    EXPECT_EQ(mistakes_of({.kind = kind, .selector = ""}),
              Lines{fmt::format("5:3 the field \"selector\" is missing in a {}'s spec (write selector: {{matchLabels: "
                                "{{app: x}}}})",
                                kind)});
    EXPECT_EQ(mistakes_of({.kind = kind, .selector = "  selector: {}\n"}),
              Lines{fmt::format("5:13 the selector of a {} must not be empty (write selector: {{matchLabels: {{app: "
                                "x}}}})",
                                kind)});
  }
  const auto with = [](std::string_view selector) {
    return mistakes_of({.selector = fmt::format("  selector: {}\n", selector)});
  };
  const Lines mismatch{"7:24 the selector does not match the template's labels (the selector is on line 5)"};
  EXPECT_EQ(with("{matchLabels: {app: q}}"), mismatch);
  EXPECT_EQ(with("{matchLabels: {app: x, tier: web, other: a}}"), mismatch);
  EXPECT_EQ(with("{matchLabels: {app: x, tier: web}}"), Lines{});
  EXPECT_EQ(with("{matchExpressions: [{key: app, operator: In, values: [q, x]}]}"), Lines{});
  EXPECT_EQ(with("{matchExpressions: [{key: app, operator: NotIn, values: [q]}]}"), Lines{});
  EXPECT_EQ(with("{matchExpressions: [{key: tier, operator: Exists}]}"), Lines{});
  EXPECT_EQ(with("{matchExpressions: [{key: other, operator: DoesNotExist}]}"), Lines{});
  EXPECT_EQ(with("{matchExpressions: [{key: app, operator: In, values: [q]}]}"), mismatch);
  EXPECT_EQ(with("{matchExpressions: [{key: app, operator: NotIn, values: [x]}]}"), mismatch);
  EXPECT_EQ(with("{matchExpressions: [{key: other, operator: Exists}]}"), mismatch);
  EXPECT_EQ(with("{matchExpressions: [{key: app, operator: DoesNotExist}]}"), mismatch);
  EXPECT_EQ(with("{matchExpressions: [{key: app, operator: Is}]}"),
            Lines{"5:54 operator must be one of In, NotIn, Exists, DoesNotExist, but this is \"Is\""});
  EXPECT_EQ(with("{matchExpressions: [{key: app, operator: In}]}"), Lines{"5:54 operator In needs values"});
  EXPECT_EQ(with("{matchExpressions: [{key: app, operator: Exists, values: [x]}]}"),
            Lines{"5:70 operator Exists has no values"});
  EXPECT_EQ(with("{matchLabel: {app: x}}").front(),
            "5:14 unknown field \"matchLabel\" in LabelSelector (did you mean \"matchLabels\"?)");
}

TEST(WorkloadRules, TheSelectorOfAReplicationControllerIsItsTemplatesLabels) {
  const auto with = [](std::string_view selector, std::string_view labels) {
    return mistakes_of({.kind = "ReplicationController", .version = "v1", .selector = selector, .labels = labels});
  };
  EXPECT_EQ(with("", "{app: x}"), Lines{});
  EXPECT_EQ(with("  selector: {app: x}\n", "{app: x, b: c}"), Lines{});
  EXPECT_EQ(with("  selector: {app: q}\n", "{app: x}"),
            Lines{"7:24 the selector does not match the template's labels (the selector is on line 5)"});
  EXPECT_EQ(
      with("", "{}"),
      Lines{"6:5 the template of a ReplicationController must have labels (write metadata: {labels: {app: NAME}})"});
}

TEST(WorkloadRules, TheSelectorOfAJobIsGenerated) {
  EXPECT_EQ(mistakes_of(job("  selector: {matchLabels: {app: x}}\n")),
            Lines{"5:13 the selector of a Job is generated (leave it out, or set manualSelector: true)"});
  EXPECT_EQ(mistakes_of(job("  selector: {matchLabels: {app: x}}\n  manualSelector: true\n")), Lines{});
  EXPECT_EQ(mistakes_of(job("  selector: {matchLabels: {app: x}}\n  manualSelector: yes\n")), Lines{});
  EXPECT_EQ(mistakes_of(job("  manualSelector: true\n")),
            Lines{"5:19 manualSelector needs a selector (write selector: {matchLabels: {app: x}})"});
  EXPECT_EQ(mistakes_of(job("  manualSelector: false\n")), Lines{});
  EXPECT_EQ(mistakes_of(job("  selector: {matchLabels: {app: q}}\n  manualSelector: true\n")),
            Lines{"8:24 the selector does not match the template's labels (the selector is on line 5)"});
  EXPECT_EQ(mistakes_of(job("  selector: {matchLabels: {batch.kubernetes.io/controller-uid: 0-1}}\n")), Lines{});
}

TEST(WorkloadRules, AJobsFieldsGoTogether) {
  EXPECT_EQ(mistakes_of(job("  completionMode: Indexed\n")), Lines{"5:19 completionMode Indexed needs completions"});
  EXPECT_EQ(mistakes_of(job("  completionMode: Numbered\n")),
            Lines{"5:19 completionMode must be one of NonIndexed, Indexed, but this is \"Numbered\""});
  EXPECT_EQ(mistakes_of(job("  backoffLimitPerIndex: 1\n")),
            Lines{"5:25 backoffLimitPerIndex needs completionMode: Indexed"});
  EXPECT_EQ(mistakes_of(job("  maxFailedIndexes: 1\n")), Lines{"5:21 maxFailedIndexes needs backoffLimitPerIndex"});
  EXPECT_EQ(mistakes_of(job("  successPolicy: {rules: [{succeededCount: 1}]}\n")),
            Lines{"5:18 successPolicy needs completionMode: Indexed"});
  EXPECT_EQ(mistakes_of(job("  podFailurePolicy: {rules: [{action: Ignore}]}\n", "      restartPolicy: OnFailure\n")),
            Lines{"5:21 podFailurePolicy needs the template's restartPolicy to be Never"});
  EXPECT_EQ(mistakes_of(job("  podFailurePolicy: {rules: [{action: Ignore}]}\n")), Lines{});
}

TEST(WorkloadRules, ACronJobHasASchedule) {
  const auto with = [](std::string_view spec) {
    return errors(
        fmt::format("apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: a}}\nspec:\n{}  jobTemplate:\n"
                    "    spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: c, image: "
                    "b}}]}}}}}}\n",
                    spec));
  };
  EXPECT_EQ(with("  schedule: \"*/5 * * * *\"\n"), Lines{});
  EXPECT_EQ(with(""), Lines{"5:3 the field \"schedule\" is missing in a CronJob's spec"});
  EXPECT_EQ(with("  schedule: daily\n"),
            Lines{"5:13 schedule \"daily\" must be five fields, as those of crontab(5), or such as @daily"});
  for (const char* good : {"0 3 * * *", "*/15 0-23/2 1,15 jan-jun MON-fri", "0 0 ? * sun", "5/10 * 31 12 6", "@hourly",
                           "@every 1h30m"})
    EXPECT_EQ(with(fmt::format("  schedule: \"{}\"\n", good)), Lines{}) << good;
  const std::vector<std::pair<std::string, std::string>> refused{
      {"60 * * * *", "minute"},   {"5-1 * * * *", "minute"},    {"*/0 * * * *", "minute"},
      {"1,,2 * * * *", "minute"}, {"* 24 * * *", "hour"},       {"* * 0 * *", "day of the month"},
      {"* * * 13 *", "month"},    {"* * * * 7", "day of the week"}, {"* * * * x", "day of the week"},
      {"@dayly", "@daily"},       {"@every day", "duration"},   {"TZ=UTC * * * * *", "timeZone"}};
  for (const auto& [wrong, why] : refused) {
    const Lines said = with(fmt::format("  schedule: \"{}\"\n", wrong));
    ASSERT_EQ(said.size(), 1U) << wrong;
    EXPECT_TRUE(said[0].contains(why)) << said[0];
  }
  EXPECT_EQ(with("  schedule: '@daily'\n  concurrencyPolicy: Never\n"),
            Lines{"6:22 concurrencyPolicy must be one of Allow, Forbid, Replace, but this is \"Never\""});
}

TEST(WorkloadRules, NamesOfPodsFitIntoTheirHostNames) {
  EXPECT_EQ(mistakes_of({.kind = "StatefulSet", .name = "a.b"}).size(), 1U);
  EXPECT_TRUE(mistakes_of({.kind = "StatefulSet", .name = "a.b"})
                  .front()
                  .starts_with("3:18 the host name of its pod, \"a.b-0\", must be"));
  EXPECT_EQ(mistakes_of({.kind = "Deployment", .name = "a.b"}), Lines{});
  const std::string long_name(64, 'a');
  EXPECT_EQ(mistakes_of({.kind = "StatefulSet", .name = std::string_view(long_name).substr(2)}).size(), 1U);
  EXPECT_EQ(mistakes_of({.kind = "StatefulSet", .name = std::string_view(long_name).substr(3)}), Lines{});
  Parts long_job = job("");
  long_job.name = long_name;
  EXPECT_EQ(mistakes_of(long_job), Lines{"3:18 the name of a Job must be at most 63 characters long"});
  long_job.name.remove_prefix(1);
  EXPECT_EQ(mistakes_of(long_job), Lines{});
  EXPECT_EQ(
      errors(fmt::format("apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: {}}}\nspec:\n  schedule: '@daily'\n"
                         "  jobTemplate: {{spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: "
                         "c, image: b}}]}}}}}}}}\n",
                         std::string(53, 'a'))),
      Lines{"3:18 the name of a CronJob must be at most 52 characters long"});
}

TEST(WorkloadRules, AClaimTemplateHasAName) {
  EXPECT_EQ(mistakes_of(
                {.kind = "StatefulSet", .spec = "  volumeClaimTemplates: [{spec: {accessModes: [ReadWriteOnce]}}]\n"}),
            Lines{"5:26 the field \"metadata.name\" is missing in a claim template"});
  EXPECT_EQ(mistakes_of({.kind = "StatefulSet", .spec = "  volumeClaimTemplates: {}\n"}),
            Lines{"5:25 volumeClaimTemplates must be a list"});
}

}  // namespace
}  // namespace podrun::pod
