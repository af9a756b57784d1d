// status.conditions in Kubernetes' words.
#include "supervisor/state/pod_conditions.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/supervisor/history/told_pod.hpp"

namespace podrun::supervisor {
namespace {

using nlohmann::json;
using enum pod::ProbeKind;

/// "True", or "False REASON: MESSAGE".
std::string words(const ToldPod& pod, const std::string& type) {
  const json whole = json::parse(to_json(pod.view()));
  for (const json& condition : whole["status"]["conditions"])
    if (condition["type"] == type)
      return condition["status"].get<std::string>() +
             (condition.contains("reason") ? " " + condition["reason"].get<std::string>() : "") +
             (condition.contains("message") ? ": " + condition["message"].get<std::string>() : "");
  return "";
}

TEST(Conditions, NameWhatIsNotReady) {
  ToldPod pod({init_container(), with_probe(Readiness), {}}, {"migrate", "app", "log"});
  pod.on(event::PodStart{});
  EXPECT_EQ(words(pod, "Initialized"), "False ContainersNotInitialized: containers with incomplete status: [migrate]");
  EXPECT_EQ(words(pod, "Ready"), "False ContainersNotReady: containers with unready status: [app log]");
  EXPECT_EQ(words(pod, "PodReadyToStartContainers"), "True");
  EXPECT_EQ(words(pod, "AllContainersRestarting"), "") << "nobody has asked for it";
  pod.of(0, event::ExecOk{});
  pod.of(0, event::Exited{0});
  pod.of(1, event::ExecOk{});
  pod.of(2, event::ExecOk{});
  EXPECT_EQ(words(pod, "Initialized"), "True");
  EXPECT_EQ(words(pod, "ContainersReady"), "False ContainersNotReady: containers with unready status: [app]");
  pod.probe(1, Readiness, true);
  EXPECT_EQ(words(pod, "ContainersReady"), "True");
  EXPECT_EQ(words(pod, "Ready"), "True");
}

TEST(Conditions, HaveTheTimeOfTheirLastChange) {
  ToldPod pod({with_probe(Readiness)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.now += 5s;
  pod.probe(0, Readiness, true);
  const WallTime changed = pod.wall();
  pod.now += 60s;
  const PodView view = pod.view();
  ASSERT_NE(view.condition("Ready"), nullptr);
  EXPECT_EQ(view.condition("Ready")->changed, changed);
}

TEST(Conditions, AnEndedPodIsNotReadyForAnotherReason) {
  for (const auto& [code, reason] : std::map<int, std::string>{{0, "PodCompleted"}, {1, "PodFailed"}}) {
    ToldPod pod({with_policy(pod::RestartPolicy::Never)}, {"app"});
    pod.on(event::PodStart{});
    pod.of(0, event::ExecOk{});
    pod.of(0, event::Exited{code});
    EXPECT_EQ(words(pod, "Ready"), "False " + reason);
    EXPECT_EQ(words(pod, "ContainersReady"), "False " + reason);
    EXPECT_EQ(words(pod, "Initialized"), code == 0 ? "True PodCompleted" : "True");
  }
}

TEST(Conditions, SurviveSerialization) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  PodView view = pod.view();
  view.given = parse_given_pod(
      R"({"metadata":{"name":"x","labels":{"a":"b"}},"spec":{"containers":[{"name":"app"}]},"qosClass":"Burstable"})");
  const std::string text = to_json(view);
  const auto read = parse_pod_json(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), text);
  const json whole = json::parse(text);
  EXPECT_EQ(whole["metadata"]["name"], "web") << "the run's name, not the manifest's";
  EXPECT_EQ(whole["metadata"]["labels"]["a"], "b");
  EXPECT_EQ(whole["spec"], json::parse(R"({"containers":[{"name":"app"}]})"));
  EXPECT_EQ(whole["status"]["qosClass"], "Burstable");
}

TEST(ContainerView, AContainerWhosePostStartRunsIsNotRunningYet) {
  ToldPod pod({with_hook(pod::HookKind::PostStart)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  const auto state = [&] { return json::parse(to_json(pod.view()))["status"]["containerStatuses"][0]; };
  EXPECT_EQ(state()["state"]["waiting"]["reason"], "ContainerCreating");
  EXPECT_EQ(state()["started"], false);
  pod.hook(0, pod::HookKind::PostStart, false, "exit 1");
  EXPECT_EQ(state()["state"]["waiting"]["reason"], "PostStartHookError");
}

TEST(ContainerView, StartedAndReadyFollowTheProbes) {
  ContainerSpec spec = with_probe(Startup);
  spec.policy.probes[Readiness].emplace();
  ToldPod pod({spec}, {"app"});
  const auto state = [&] {
    const json its = json::parse(to_json(pod.view()))["status"]["containerStatuses"][0];
    return std::pair(its["started"].get<bool>(), its["ready"].get<bool>());
  };
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(state(), std::pair(false, false));
  pod.probe(0, Startup, true);
  EXPECT_EQ(state(), std::pair(true, false));
  pod.probe(0, Readiness, true);
  EXPECT_EQ(state(), std::pair(true, true));
}

TEST(ContainerView, AnInstanceThatSaidNothingHasItsCauseAsMessage) {
  ToldPod pod({with_probe(Liveness)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.probe(0, Liveness, false, "HTTP 503");
  pod.of(0, event::Exited{137});
  EXPECT_EQ(json::parse(to_json(pod.view()))["status"]["containerStatuses"][0]["lastState"]["terminated"]["message"],
            "liveness probe failed: HTTP 503");
}

}  // namespace
}  // namespace podrun::supervisor
