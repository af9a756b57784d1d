// Init containers, and the restart policies and rules of single containers.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "pod/annotations/composition.hpp"
#include "pod/manifest/resources.hpp"
#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view two_inits =
    "  initContainers:\n"
    "  - {name: migrate, image: i}\n"
    "  - {name: proxy, image: p, restartPolicy: Always}\n";

PodSpec spec_of(std::string_view spec, std::string_view container = "") {
  const auto pod = parse(manifest({.spec = spec, .container = container}));
  EXPECT_TRUE(pod) << pod.error().front().message;
  return pod ? pod->spec : PodSpec{};
}

TEST(InitContainers, TheyPrecedeTheAppContainers) {
  for (const std::string& text : {manifest({.spec = two_inits}), manifest({.container = two_inits})}) {
    const auto pod = parse(text);
    ASSERT_TRUE(pod) << pod.error().front().message;
    ASSERT_EQ(pod->spec.containers.size(), 3U);
    EXPECT_EQ(pod->spec.containers[0].name, "migrate");
    EXPECT_EQ(pod->spec.containers[0].role, ContainerRole::Init);
    EXPECT_EQ(pod->spec.containers[1].name, "proxy");
    EXPECT_EQ(pod->spec.containers[1].role, ContainerRole::Sidecar);
    EXPECT_EQ(pod->spec.containers[2].name, "app");
    EXPECT_EQ(pod->spec.containers[2].role, ContainerRole::App);
  }
}

/// validateInitContainers() of Kubernetes' pkg/apis/core/validation.
TEST(InitContainers, NamesAreUniqueInTheWholePod) {
  EXPECT_EQ(mistake(manifest({.spec = "  initContainers:\n  - {name: app, image: i}\n"})),
            "9:11 the container name \"app\" is taken (first on line 7)");
  EXPECT_EQ(mistake(manifest({.spec = "  initContainers: [{name: i, image: i}, {name: i, image: i}]\n"})),
            "6:48 the container name \"i\" is taken (first on line 6)");
}

TEST(InitContainers, MistakesAreReportedWhereTheyAre) {
  EXPECT_EQ(mistake(manifest({.spec = "  initContainers:\n"
                                      "  - {name: i, image: b, volumeMounts: [{name: v, mountPath: /v}]}\n"})),
            "7:47 no volume is called \"v\" (volumes are declared under spec.volumes)");
  EXPECT_EQ(mistake(manifest({.spec = "  initContainers:\n  - {name: i, image: b, restartPolicy: always}\n"})),
            "7:40 restartPolicy must be one of Always, OnFailure, Never, but this is \"always\" (did you mean "
            "\"Always\"?)");
}

/// A pod has only init containers if it has no app containers, which Kubernetes demands.
TEST(InitContainers, APodNeedsAnAppContainer) {
  EXPECT_FALSE(parse("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  initContainers: [{name: i, image: b}]\n"
                     "  containers: []\n"));
}

/// The greatest need of the init containers, each beside the sidecars before it, or that of all that runs afterwards.
TEST(InitContainers, ResourcesAreThoseOfTheGreatestNeed) {
  constexpr std::string_view inits =
      "  initContainers:\n"
      "  - {name: a, image: b, resources: {requests: {cpu: 3, memory: 1}}}\n"
      "  - {name: s, image: b, restartPolicy: Always, resources: {requests: {cpu: 1, memory: 20}}}\n"
      "  - {name: z, image: b, resources: {requests: {cpu: 1, memory: 90}}}\n";
  EXPECT_EQ(effective_resources(spec_of(inits, "    resources: {requests: {cpu: 1, memory: 50}}\n")).requests,
            (Quantities{{"cpu", {3}}, {"memory", {110}}}));
  EXPECT_EQ(effective_resources(spec_of(inits, "    resources: {requests: {cpu: 4, memory: 100}}\n")).requests,
            (Quantities{{"cpu", {5}}, {"memory", {120}}}));
}

std::string error_of(const std::vector<std::string>& namespaces, std::string_view inits) {
  return mistake(manifest({.metadata = fmt::format("  name: web\n  annotations:\n    podrun.io/namespaces: \"{}\"\n",
                                                   fmt::join(namespaces, "\\n")),
                           .spec = inits}));
}

TEST(InitContainers, TheyJoinOnlyWhatWasStartedBeforeThem) {
  EXPECT_EQ(error_of({"migrate: ipc=container:app", "app: ipc=private"}, two_inits),
            "6:27 podrun.io/namespaces: migrate: ipc=container:app: an init container can join only what is started "
            "before it");
  EXPECT_EQ(error_of({"app: pid=container:migrate"}, two_inits),
            "6:27 podrun.io/namespaces: app: pid=container:migrate: an init container has ended by then");
  EXPECT_EQ(error_of({"app: pid=container:proxy"}, two_inits), "0 mistakes: ");
}

/// validateContainerRestartPolicy() of Kubernetes' pkg/apis/core/validation.
TEST(RestartRules, AreCheckedAsByKubernetes) {
  const auto of = [](std::string_view fields) { return mistake(manifest({.container = fields})); };
  constexpr std::string_view rule = "{action: Restart, exitCodes: {operator: In, values: [42]}}";
  EXPECT_EQ(of(fmt::format("    restartPolicy: Never\n    restartPolicyRules: [{}]\n", rule)), "0 mistakes: ");
  EXPECT_EQ(of(fmt::format("    restartPolicyRules: [{}]\n", rule)),
            "9:25 restartPolicyRules need the container's own restartPolicy, for the exits that no rule is for");
  EXPECT_EQ(of("    restartPolicy: Never\n    restartPolicyRules: [{action: Restart}]\n"),
            "10:26 the field \"exitCodes\" is missing in a restart rule");
  std::string many;
  for (int i = 0; i < 21; ++i) many += fmt::format("{}{}", i == 0 ? "" : ", ", rule);
  EXPECT_EQ(of(fmt::format("    restartPolicy: Never\n    restartPolicyRules: [{}]\n", many)),
            "10:25 a container has at most 20 restartPolicyRules");
  std::string codes = "0";
  for (int i = 0; i < 255; ++i) codes += ", 7";
  EXPECT_EQ(of(fmt::format("    restartPolicy: Never\n    restartPolicyRules: [{{action: Restart, exitCodes: "
                           "{{operator: NotIn, values: [{}]}}}}]\n",
                           codes)),
            "10:81 a restart rule has at most 255 exit codes");
  EXPECT_EQ(of(fmt::format("    restartPolicy: null\n    restartPolicyRules: [{}]\n", rule)).substr(0, 5), "10:25");
}

TEST(RestartRules, AnActionIsForTheContainerOrForAll) {
  const PodSpec spec = spec_of("", "    restartPolicy: Never\n    restartPolicyRules:\n"
                                   "    - {action: Restart, exitCodes: {operator: In, values: [1]}}\n"
                                   "    - {action: RestartAllContainers, exitCodes: {operator: In, values: [2]}}\n");
  ASSERT_EQ(spec.containers.at(0).restart_rules.size(), 2U);
  EXPECT_EQ(spec.containers[0].restart_rules[0].action, RestartRule::Action::Restart);
  EXPECT_EQ(spec.containers[0].restart_rules[1].action, RestartRule::Action::RestartAllContainers);
}

TEST(ActiveDeadline, IsAtLeastOneSecond) {
  EXPECT_EQ(spec_of("  activeDeadlineSeconds: 7\n").active_deadline_seconds, 7);
  EXPECT_FALSE(parse(manifest({.spec = "  activeDeadlineSeconds: 0\n"})));
}

}  // namespace
}  // namespace podrun::pod
