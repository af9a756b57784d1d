// The chain of causes in words.
#include "supervisor/history/why.hpp"

#include <gtest/gtest.h>

#include "pod/json/json.hpp"
#include "tests/supervisor/history/told_pod.hpp"

namespace podrun::supervisor {
namespace {

using enum pod::ProbeKind;
using pod::HookKind;
using pod::RestartPolicy;

std::string why_of(const ToldPod& pod, std::string_view container = "") {
  return why(pod.view(), pod.events, container, pod.wall());
}

ToldPod running(ContainerSpec app = {}) {
  ToldPod pod({std::move(app)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  return pod;
}

TEST(Why, AReadyPodIsReady) {
  ToldPod pod = running();
  pod.now += 90s;
  EXPECT_EQ(why_of(pod), "web is ready: 1 container runs");
  EXPECT_EQ(why_of(pod, "app"), "app is ready, and runs for 90s");
}

TEST(Why, ACrashLoopHasItsLastExitAndItsNextTry) {
  ToldPod pod = running();
  for (int i = 0; i < 3; ++i) {
    pod.of(0, event::Exited{3, "starting\nno database"});
    if (i > 0) pod.fire(0, TimerName::Backoff);
    pod.of(0, event::ExecOk{});
  }
  pod.of(0, event::Exited{3, "starting\nno database"});
  pod.now += 22s;
  EXPECT_EQ(why_of(pod, "app"),
            "app restarted 3 times; last exit 3: \"no database\"; next try in 18s (back-off 40s)");
  EXPECT_EQ(why_of(pod),
            "web is not ready: app restarted 3 times; last exit 3: \"no database\"; next try in 18s (back-off 40s)");
}

TEST(Why, ALivenessProbeThatKillsIsTheCause) {
  ToldPod pod = running(with_probe(Liveness));
  pod.probe(0, Liveness, false, "HTTP 503");
  EXPECT_EQ(why_of(pod, "app"), "app is being ended: liveness probe failed: HTTP 503");
  pod.of(0, event::Exited{137});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(why_of(pod),
            "web is ready: 1 container runs. app restarted once; last exit 137: killed by its liveness probe after 3 "
            "failures (HTTP 503)");
  pod.probe(0, Liveness, false, "HTTP 503");
  pod.of(0, event::Exited{137});
  EXPECT_EQ(why_of(pod, "app"),
            "app restarted once; last exit 137: killed by its liveness probe after 3 failures (HTTP 503); next try in "
            "10s (back-off 10s)");
}

TEST(Why, TheThresholdIsThatOfTheManifest) {
  ToldPod pod = running(with_probe(Liveness));
  pod.probe(0, Liveness, false, "HTTP 503");
  pod.of(0, event::Exited{137});
  PodView view = pod.view();
  view.given.spec = *pod::json::parse(R"({"containers":[{"name":"app","livenessProbe":{"failureThreshold":1}}]})");
  EXPECT_NE(why(view, pod.events, "app", pod.wall()).find("after 1 failure (HTTP 503)"), std::string::npos);
}

TEST(Why, AfterTheEndTheCauseIsInTheEvents) {
  ToldPod pod = running([] {
    ContainerSpec spec = with_probe(Liveness);
    spec.policy.restart = RestartPolicy::Never;
    return spec;
  }());
  pod.probe(0, Liveness, false, "HTTP 503");
  pod.of(0, event::Exited{137, "my last words"});
  const auto view = parse_pod_json(to_json(pod.view()));
  ASSERT_TRUE(view);
  EXPECT_EQ(why(*view, pod.events, "", pod.wall()),
            "web failed: app ended 0s ago: killed by its liveness probe after 3 failures (HTTP 503): \"my last "
            "words\"");
}

TEST(Why, APodWaitsForAReadinessProbe) {
  ToldPod pod = running(with_probe(Readiness));
  EXPECT_EQ(why_of(pod), "web is not ready: app waits for its readiness probe, which has not succeeded yet");
  pod.probe(0, Readiness, false, "HTTP 503");
  EXPECT_EQ(why_of(pod), "web is not ready: app waits for its readiness probe, which fails: HTTP 503");
}

TEST(Why, APodWaitsForAStartupProbe) {
  EXPECT_EQ(why_of(running(with_probe(Startup))),
            "web is not ready: app waits for its startup probe, which has not succeeded yet");
}

TEST(Why, AProbeThatCannotBeTriedIsTheCause) {
  ToldPod pod = running(with_probe(Startup));
  pod.of(0, event::ProbeResult{0, Startup, false, "exec \"curl\": No such file or directory", "", true});
  EXPECT_EQ(why_of(pod),
            "web is not ready: app waits for its startup probe, which cannot be tried: exec \"curl\": No such file or "
            "directory");
}

TEST(Why, APodWaitsForAPostStartHook) {
  EXPECT_EQ(why_of(running(with_hook(HookKind::PostStart))), "web is not ready: app waits for its postStart hook");
}

TEST(Why, AFailedPostStartHookIsTheCause) {
  ToldPod pod = running(with_hook(HookKind::PostStart));
  pod.hook(0, HookKind::PostStart, false, "exit 1");
  EXPECT_EQ(why_of(pod, "app"), "app is being ended: postStart hook failed: exit 1");
  pod.of(0, event::Exited{137});
  EXPECT_EQ(why_of(pod, "app"),
            "app restarted once; last exit 137: killed because its postStart hook failed (exit 1)");
}

TEST(Why, AnAppWaitsForAnInitContainer) {
  ToldPod pod({init_container(), {}}, {"migrate", "app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.now += 7s;
  EXPECT_EQ(why_of(pod), "web is not ready: init container migrate has not ended yet, and runs for 7s");
  EXPECT_EQ(why_of(pod, "app"),
            "app waits for init container migrate: migrate has not ended yet, and runs for 7s");
}

TEST(Why, AnInitContainerThatFailsIsTheReason) {
  ToldPod pod({init_container(), {}}, {"migrate", "app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(0, event::Exited{3});
  pod.of(0, event::ExecOk{});
  pod.of(0, event::Exited{3});
  EXPECT_EQ(why_of(pod),
            "web is not ready: init container migrate restarted once; last exit 3; next try in 10s (back-off 10s)");
}

TEST(Why, AProgramThatIsNotThereIsTheReason) {
  ToldPod pod({with_policy(RestartPolicy::Never)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecFailed{"web/app: exec /no: No such file or directory"});
  pod.of(0, event::Exited{128});
  EXPECT_EQ(why_of(pod), "web failed: app ended 0s ago: it did not start: exec /no: No such file or directory");
}

TEST(Why, AFailedPodNamesTheContainerThatFailed) {
  ToldPod pod({with_policy(RestartPolicy::Never), with_policy(RestartPolicy::Never)}, {"a", "b"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(1, event::ExecOk{});
  pod.of(0, event::Exited{0});
  EXPECT_EQ(why_of(pod, "a"), "a ended 0s ago: exited with 0");
  pod.of(1, event::Exited{139});
  pod.now += 60s;
  EXPECT_EQ(why_of(pod), "web failed: b ended 60s ago: ended by signal 11 (SEGV)");
}

TEST(Why, ASucceededPodSucceeded) {
  ToldPod pod({with_policy(RestartPolicy::Never)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(0, event::Exited{0});
  EXPECT_EQ(why_of(pod), "web succeeded: its containers exited with 0");
}

TEST(Why, AStoppedPodWasStoppedOnRequest) {
  ToldPod pod = running();
  pod.on(event::PodStop{});
  EXPECT_EQ(why_of(pod), "web is being stopped: it waits for the end of app");
  pod.of(0, event::Exited{143});
  EXPECT_EQ(why_of(pod), "web was stopped on request");
}

TEST(Why, ADeadlineIsTheReason) {
  ToldPod pod({{}}, {"app"});
  pod.spec.deadline = 1010s;
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.now = 1010s;
  pod.on(event::PodTimer{TimerName::Deadline, pod.record.status.progress.timers[TimerName::Deadline].generation});
  pod.of(0, event::Exited{143});
  EXPECT_EQ(why_of(pod), "web failed: it ran for as long as activeDeadlineSeconds allows, and was ended");
}

TEST(Why, AKilledPodIsDead) {
  PodView pod = running().view();
  pod.reason = "Dead";
  EXPECT_EQ(why(pod, {}, "", WallTime{}),
            "web was killed with its pause, so nobody saw how its containers ended; podrun rm web removes what is "
            "left");
  EXPECT_EQ(why(pod, {}, "app", WallTime{}), "app was killed with the pause of its pod");
}

TEST(Why, AStartThatFailedIsTheReason) {
  const ToldPod pod({{}}, {"app"});
  const PodView view = view_of_failed_start(pod.record, "mount /x: No such file or directory", pod.now, pod.wall());
  EXPECT_EQ(why(view, {}, "", pod.wall()), "web did not start: mount /x: No such file or directory");
}

TEST(Why, AtMostThreeContainersAreNamed) {
  ToldPod pod(std::vector<ContainerSpec>(5, with_probe(Readiness)), {"a", "b", "c", "d", "e"});
  pod.on(event::PodStart{});
  for (std::size_t i = 0; i < 5; ++i) pod.of(i, event::ExecOk{});
  EXPECT_EQ(why_of(pod),
            "web is not ready: a waits for its readiness probe, which has not succeeded yet. b waits for its readiness "
            "probe, which has not succeeded yet. c waits for its readiness probe, which has not succeeded yet. 2 more "
            "are not ready");
}

TEST(Why, NothingIsKnownOfAPodWhoseStatusCannotBeRead) {
  EXPECT_EQ(why({.name = "web", .namespace_name = "shop", .phase = "Unknown"}, {}, "", WallTime{}),
            "nothing is known of shop/web: its status cannot be read");
}

TEST(Why, APodThatIsAboutToStartHasNotStarted) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  EXPECT_EQ(why_of(pod), "web is not ready: app has not started yet");
}

}  // namespace
}  // namespace podrun::supervisor
