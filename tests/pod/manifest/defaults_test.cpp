// Null is absent, empty objects ask for nothing, and what is left out has Kubernetes' default.
#include <gtest/gtest.h>

#include "tests/pod/manifests.hpp"
#include "tests/pod/readings.hpp"

namespace podrun::pod {
namespace {

Pod parsed(const ManifestParts& parts) {
  const auto pod = parse(manifest(parts));
  EXPECT_TRUE(pod) << fmt::format("{}", fmt::join(mistakes(manifest(parts)), "\n"));
  return pod.value_or(Pod{});
}

TEST(Defaults, NullIsAbsentInEveryOptionalField) {
  // One field of each kind: text, choice, number, boolean, object, list, mapping, quantity.
  for (const std::string_view field : {"restartPolicy",
                                       "hostname",
                                       "subdomain",
                                       "dnsPolicy",
                                       "terminationGracePeriodSeconds",
                                       "hostNetwork",
                                       "hostUsers",
                                       "securityContext",
                                       "volumes",
                                       "initContainers",
                                       "overhead",
                                       "dnsConfig",
                                       "hostAliases",
                                       "affinity",
                                       "tolerations",
                                       "activeDeadlineSeconds",
                                       "runtimeClassName",
                                       "resourceClaims",
                                       "readinessGates",
                                       "schedulingGates",
                                       "nodeSelector",
                                       "serviceAccount",
                                       "os",
                                       "resources"})
    for (const std::string_view null : {"null", "~", ""})
      EXPECT_EQ(mistakes(manifest({.spec = fmt::format("  {}: {}\n", field, null)})), Lines{}) << field;
  for (const std::string_view field :
       {"command", "args", "env", "envFrom", "workingDir", "volumeMounts", "ports", "resources", "lifecycle",
        "livenessProbe", "securityContext", "stdin", "terminationMessagePath", "restartPolicy", "volumeDevices"})
    EXPECT_EQ(mistakes(manifest({.container = fmt::format("    {}: null\n", field)})), Lines{}) << field;
  for (const std::string_view field : {"labels", "annotations", "namespace", "uid", "creationTimestamp", "finalizers",
                                       "ownerReferences", "managedFields"})
    EXPECT_EQ(mistakes(manifest({.metadata = fmt::format("  name: a\n  {}: null\n", field)})), Lines{}) << field;
}

TEST(Defaults, NullInAMappingOrAListIsTheEmptyValue) {
  const Pod pod = parsed({.metadata = "  name: a\n  labels: {a: null}\n  annotations: {b: }\n",
                          .container = "    args: [a, null, ~]\n    env: [{name: A, value: null, valueFrom: null}]\n"
                                       "    resources: {limits: {cpu: null}}\n"});
  EXPECT_EQ(pod.metadata.labels.at("a"), "");
  EXPECT_EQ(pod.metadata.annotations.at("b"), "");
  EXPECT_EQ(pod.spec.containers.at(0).args, (std::vector<std::string>{"a", "", ""}));
  EXPECT_EQ(pod.spec.containers.at(0).env, (std::vector<EnvVar>{{"A", ""}}));
  EXPECT_EQ(pod.spec.containers.at(0).resources.limits.at("cpu"), Quantity{});
  const auto objects = read(
      {"apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: null}\nstringData: null\n---\n" + manifest()});
  EXPECT_EQ(said(objects), Lines{});
  EXPECT_EQ(objects.pods.at(0).pod.objects.secret("s")->data.at("a"), "");
}

TEST(Defaults, NullWhereAnEmptyTextIsNotAllowedIsAMistake) {
  EXPECT_EQ(mistake(manifest({.spec = "  securityContext: {supplementalGroups: [null]}\n"})),
            "6:42 supplementalGroups[0] must be a whole number, but this is empty");
  EXPECT_EQ(mistake(manifest({.spec = "  dnsConfig: {nameservers: [null]}\n"})),
            "6:29 nameservers[0] must be a string, but this is empty");
}

TEST(Defaults, AnEmptyObjectAsksForNothing) {
  for (const std::string_view fields :
       {"lifecycle: {}", "lifecycle: {postStart: null}", "securityContext: {seLinuxOptions: {}}",
        "securityContext: {windowsOptions: {}}", "securityContext: {}", "resources: {}", "resources: {claims: []}",
        "securityContext: {capabilities: {}}", "securityContext: {seLinuxOptions: {level: null}}"})
    EXPECT_EQ(mistakes(manifest({.container = fmt::format("    {}\n", fields)})), Lines{}) << fields;
  EXPECT_EQ(mistakes(manifest({.spec = "  affinity: {}\n  dnsConfig: {}\n  securityContext: {windowsOptions: {}}\n"})),
            Lines{});
  EXPECT_EQ(errors("apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c}\nspec: {selector: {}, "
                   "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"),
            Lines{});
}

TEST(Defaults, AnObjectThatSaysWhatItIsMustNotBeEmpty) {
  for (const std::string_view fields :
       {"livenessProbe: {}", "lifecycle: {preStop: {}}", "lifecycle: {stopSignal: SIGHUP}",
        "securityContext: {seLinuxOptions: {level: s0}}", "env: [{name: A, valueFrom: {}}]", "envFrom: [{}]"})
    EXPECT_EQ(mistakes(manifest({.container = fmt::format("    {}\n", fields)})).size(), 1U) << fields;
  EXPECT_EQ(mistakes(manifest({.spec = "  volumes: [{name: a, nfs: {}}]\n"})).size(), 1U);
}

TEST(Defaults, AVolumeWithoutASourceIsAnEmptyDir) {
  const auto with = [](const std::string& fields) {
    const auto manifests = read({manifest({.spec = "  volumes: [{name: v" + fields + "}]\n",
                                           .container = "    volumeMounts: [{name: v, mountPath: /v}]\n"})});
    EXPECT_TRUE(has_no_errors(manifests));
    EXPECT_TRUE(std::holds_alternative<EmptyDir>(manifests.pods.at(0).pod.spec.volumes.at(0).source)) << fields;
    return said(manifests);
  };
  EXPECT_EQ(with(""), Lines{"1:6:13 note: a volume of no kind is an emptyDir"});
  EXPECT_EQ(with(", emptyDir: "), Lines{});
  EXPECT_EQ(with(", hostPath: null"), Lines{"1:6:23 warning: hostPath is empty, so a volume is an emptyDir"});
  EXPECT_EQ(with(", nfs: null"), Lines{"1:6:23 warning: nfs is empty, so a volume is an emptyDir"});
}

TEST(Defaults, ASourceOfAProjectedVolumeMayBeEmpty) {
  const Pod pod =
      parsed({.spec = "  volumes: [{name: v, projected: {sources: [{}, null, {secret: null}, {secret: {name: "
                      "s}}]}}, {name: w, projected: {}}]\n"});
  const auto& sources = std::get<Projected>(pod.spec.volumes.at(0).source).sources;
  ASSERT_EQ(sources.size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(std::get<DownwardApiFiles>(sources[i]).items.empty()) << i;
  EXPECT_EQ(std::get<SecretFiles>(sources[3]).name, "s");
}

TEST(Defaults, AMisspeltSourceIsNoEmptyDir) {
  EXPECT_FALSE(
      parse_with_diagnostics(manifest({.spec = "  volumes: [{name: v, hostpath: {path: /a}}]\n"}), Leniency::Lenient)
          .pod);
}

TEST(Defaults, ARelativeMountPathBeginsAtTheRoot) {
  const auto path = [](std::string_view text) {
    return parsed({.spec = "  volumes: [{name: v}]\n",
                   .container = fmt::format("    volumeMounts: [{{name: v, mountPath: {}}}]\n", text)})
        .spec.containers.at(0)
        .volume_mounts.at(0)
        .mount_path;
  };
  EXPECT_EQ(path("data"), "/data");
  EXPECT_EQ(path("srv/data"), "/srv/data");
  EXPECT_EQ(path("./data"), "/./data");
  EXPECT_EQ(path("/data"), "/data");
  EXPECT_EQ(
      mistakes(manifest({.spec = "  volumes: [{name: v}]\n",
                         .container = "    volumeMounts: [{name: v, mountPath: a}, {name: v, mountPath: /a}]\n"})),
      Lines{"10:66 the mountPath \"/a\" is taken (first on line 10)"});
  EXPECT_EQ(mistakes(manifest(
                {.spec = "  volumes: [{name: v}]\n", .container = "    volumeMounts: [{name: v, mountPath: .}]\n"})),
            Lines{"10:41 mountPath \".\" must not be the container's root (podrun's own rule: it must be one place "
                  "below the root, whatever links the image has)"});
}

TEST(Defaults, ARelativeTerminationMessagePathBeginsAtTheRoot) {
  EXPECT_EQ(
      parsed({.container = "    terminationMessagePath: tmp/end\n"}).spec.containers.at(0).termination_message_path,
      "/tmp/end");
}

TEST(Defaults, QuantitiesAreThoseOfYaml) {
  const auto memory = [](std::string_view text) {
    return parsed({.container = fmt::format("    resources: {{limits: {{memory: {}}}}}\n", text)})
        .spec.containers.at(0)
        .resources.limits.at("memory");
  };
  for (const auto& [text, value] : {std::pair{"1e6", 1'000'000},
                                    {"1_000", 1000},
                                    {"0x10", 16},
                                    {"0644", 420},
                                    {"\"0644\"", 644},
                                    {"1000.0", 1000},
                                    {"+5", 5},
                                    {"1Ki", 1024},
                                    {"\"1e3\"", 1000}})
    EXPECT_EQ(memory(text), Quantity{value}) << text;
  EXPECT_EQ(memory("1_000.5"), (Quantity{1000, 500'000'000}));
  EXPECT_EQ(mistakes(manifest({.container = "    resources: {limits: {memory: \"1_000\"}}\n"})).size(), 1U);
}

}  // namespace
}  // namespace podrun::pod
