// The sources of a container's environment variables, and how a plan prints them.
#include "pod/environment/environment.hpp"

#include <gtest/gtest.h>

#include "pod/plan/describe.hpp"
#include "pod/script/script.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::Words;

/// A pod with a ConfigMap "settings", a Secret "db", labels, a limit.
Pod pod() {
  Pod pod = fixtures::pod();
  pod.metadata.labels = {{"app", "web"}};
  pod.spec.containers[0].resources.limits = {{"memory", {.units = 3 << 20}},
                                             {"cpu", {.units = 0, .nanos = 250'000'000}}};
  pod.objects.config_maps = {
      {"settings", {.metadata = {.name = "settings"}, .data = {{"colour", "blue"}, {"bad key=", "x"}}}}};
  pod.objects.secrets = {{"db", {.metadata = {.name = "db"}, .data = {{"password", "hunter2"}}}}};
  return pod;
}

HostFacts facts() {
  HostFacts facts = fixtures::facts();
  facts.hostname = "node-1";
  facts.addresses = {"192.0.2.7", "2001:db8::7"};
  facts.memory = 1024;
  return facts;
}

Result<DeclaredVariables> declared(const Pod& pod) {
  return declared_variables(pod, pod.spec.containers[0], "0c5a", facts());
}

std::string value(const Pod& pod, EnvSource source) {
  Pod with = pod;
  with.spec.containers[0].env = {{"X", std::move(source)}};
  const auto variables = declared(with);
  if (!variables) return variables.error().message;
  return variables->values.contains("X") ? variables->values.at("X") : "(unset)";
}

TEST(Variables, AVariableMayComeFromAConfigMapASecretOrThePod) {
  EXPECT_EQ(value(pod(), ConfigMapKeyRef{"settings", "colour"}), "blue");
  EXPECT_EQ(value(pod(), SecretKeyRef{"db", "password"}), "hunter2");
  EXPECT_EQ(value(pod(), FieldRef{"metadata.name"}), "web");
  EXPECT_EQ(value(pod(), FieldRef{"metadata.uid"}), "0c5a");
  EXPECT_EQ(value(pod(), FieldRef{"metadata.labels['app']"}), "web");
  EXPECT_EQ(value(pod(), FieldRef{"metadata.annotations['none']"}), "");
  EXPECT_EQ(value(pod(), FieldRef{"spec.nodeName"}), "node-1");
  EXPECT_EQ(value(pod(), FieldRef{"spec.serviceAccountName"}), "default");
  EXPECT_EQ(value(pod(), FieldRef{"status.hostIPs"}), "192.0.2.7,2001:db8::7");
  EXPECT_EQ(value(pod(), FieldRef{"status.podIP"}), "127.0.0.1") << "its loopback";
}

TEST(Variables, NoVariableComesFromTheBinaryDataOfAConfigMap) {
  Pod with = pod();
  with.objects.config_maps["settings"].data["logo"] = std::string("\0x", 2);
  with.objects.config_maps["settings"].binary_keys = {"logo"};
  EXPECT_EQ(value(with, ConfigMapKeyRef{"settings", "logo", true}), "(unset)");
  EXPECT_TRUE(value(with, ConfigMapKeyRef{"settings", "logo"}).contains("has no key \"logo\""));
  with.spec.containers[0].env_from = {{.prefix = "", .source = ConfigMapRef{"settings"}}};
  const auto variables = declared(with);
  ASSERT_TRUE(variables) << variables.error().message;
  EXPECT_EQ(variables->names, (Words{"colour"}));
}

TEST(Variables, AResourceVariableIsDividedByItsDivisorAndRoundedUp) {
  EXPECT_EQ(value(pod(), ResourceFieldRef{"limits.memory", "", Quantity{.units = 1 << 20}}), "3");
  EXPECT_EQ(value(pod(), ResourceFieldRef{"limits.cpu"}), "1");
  EXPECT_EQ(value(pod(), ResourceFieldRef{"limits.cpu", "", Quantity{.units = 0, .nanos = 1'000'000}}), "250");
  EXPECT_EQ(value(pod(), ResourceFieldRef{"limits.cpu", "", Quantity{}}), "1") << "a divisor of 0 is none";
  EXPECT_EQ(value(pod(), ResourceFieldRef{"requests.memory"}), std::to_string(3 << 20))
      << "a request is the limit if it is not said";
  Pod unlimited = pod();
  unlimited.spec.containers[0].resources = {};
  EXPECT_EQ(value(unlimited, ResourceFieldRef{"limits.memory"}), "1024") << "the host's";
  EXPECT_EQ(value(unlimited, ResourceFieldRef{"requests.memory"}), "0");
  unlimited.spec.containers[0].resources.limits["memory"] = Quantity{};
  EXPECT_EQ(value(unlimited, ResourceFieldRef{"limits.memory"}), "1024") << "0 is no limit";
  unlimited.spec.resources.limits["memory"] = Quantity{.units = 512};
  EXPECT_EQ(value(unlimited, ResourceFieldRef{"limits.memory"}), "512") << "the pod's";
  EXPECT_EQ(value(unlimited, ResourceFieldRef{"requests.memory"}), "0");
}

TEST(Variables, EnvFromVariablesGetTheirPrefix) {
  Pod it = pod();
  it.spec.containers[0].env_from = {{"S_", ConfigMapRef{"settings"}}, {"", SecretRef{"db"}}};
  it.spec.containers[0].env = {{"BOTH", "$(S_colour) $(password)"}};
  const auto variables = declared(it);
  ASSERT_TRUE(variables) << variables.error().message;
  EXPECT_EQ(variables->names, (Words{"S_colour", "password", "BOTH"})) << "what is no name of a variable is left out";
  EXPECT_EQ(variables->values.at("BOTH"), "blue hunter2");
}

TEST(Variables, AMissingSourceIsAnErrorUnlessItIsOptional) {
  EXPECT_EQ(value(pod(), ConfigMapKeyRef{"other", "colour"}), "container app: env X: there is no ConfigMap \"other\"");
  EXPECT_EQ(value(pod(), ConfigMapKeyRef{"settings", "size"}),
            "container app: env X: the ConfigMap \"settings\" has no key \"size\"");
  EXPECT_EQ(value(pod(), SecretKeyRef{"db", "user"}), "container app: env X: the Secret \"db\" has no key \"user\"");
  EXPECT_EQ(value(pod(), ConfigMapKeyRef{"other", "colour", true}), "(unset)");
  EXPECT_EQ(value(pod(), SecretKeyRef{"db", "user", true}), "(unset)");
  Pod it = pod();
  it.spec.containers[0].env_from = {{"", ConfigMapRef{"other"}}};
  EXPECT_EQ(declared(it).error().message, "container app: envFrom: there is no ConfigMap \"other\"");
  it.spec.containers[0].env_from = {{"", ConfigMapRef{"other", true}}};
  EXPECT_TRUE(declared(it));
}

TEST(Variables, AReferencedValueIsNotExpanded) {
  Pod it = pod();
  it.objects.config_maps["settings"].data["colour"] = "$(X)";
  it.spec.containers[0].env = {{"X", "1"}, {"Y", ConfigMapKeyRef{"settings", "colour"}}};
  EXPECT_EQ(declared(it)->values.at("Y"), "$(X)");
}

TEST(Secrets, ASecretsTextIsInNoPrintedPlan) {
  Pod it = pod();
  it.spec.containers[0].env = {{"PASSWORD", SecretKeyRef{"db", "password"}}, {"URL", "db://app:$(PASSWORD)@db"}};
  it.spec.containers[0].command = {"client", "--password=$(PASSWORD)"};
  const auto plan = fixtures::plan_of(it);
  const auto exec = fixtures::all<step::Exec>(plan.containers.at(0).child).at(0);
  EXPECT_EQ(exec.argv, (Words{"client", "--password=hunter2"}));
  EXPECT_EQ(exec.printable(exec.argv), (Words{"client", "--password=<secret db/password>"}));
  EXPECT_NE(std::ranges::find(exec.env, "URL=db://app:hunter2@db"), exec.env.end());
  for (const std::string& text : {to_json(plan), to_text(plan), to_script(plan)}) {
    EXPECT_EQ(text.find("hunter2"), text.npos);
    EXPECT_NE(text.find("<secret db/password>"), text.npos);
  }
}

}  // namespace
}  // namespace podrun::pod
