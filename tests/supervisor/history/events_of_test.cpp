// The events of a pod, in the order in which they come about.
#include "supervisor/history/events_of.hpp"

#include <gtest/gtest.h>

#include "tests/supervisor/history/told_pod.hpp"

namespace podrun::supervisor {
namespace {

using Told = std::vector<std::string>;
using enum pod::ProbeKind;
using pod::HookKind;

TEST(Events, AContainerIsCreatedThenStarted) {
  ToldPod pod({{}, {}}, {"a", "b"});
  EXPECT_EQ(pod.on(event::PodStart{}), (Told{"Created a", "Created b"}));
  EXPECT_EQ(pod.of(1, event::ExecOk{}), Told{"Started b"});
  EXPECT_EQ(pod.last().message, "Started container b");
  EXPECT_EQ(pod.last().id, "b/0/Started");
  EXPECT_FALSE(pod.last().is_warning);
}

TEST(Events, AnEndComesBeforeTheStartThatFollowsIt) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(pod.of(0, event::Exited{3}), (Told{"ContainerDied app", "Created app"}));
  EXPECT_EQ(pod.events[2].id, "app/0/ContainerDied");
  EXPECT_EQ(pod.events[2].message, "Container app exited with 3");
  EXPECT_TRUE(pod.events[2].is_warning);
  EXPECT_EQ(pod.last().id, "app/1/Created");
}

TEST(Events, ABackOffIsToldWithItsDelay) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(0, event::Exited{3});
  pod.of(0, event::ExecOk{});
  pod.now += 1s;
  EXPECT_EQ(pod.of(0, event::Exited{3}), (Told{"ContainerDied app", "BackOff app"}));
  EXPECT_EQ(pod.last().message, "Back-off 10s restarting failed container app in pod web_default(u-1)");
  EXPECT_EQ(pod.fire(0, TimerName::Backoff), Told{"Created app"});
}

TEST(Events, AStartThatFailsIsFailedOnce) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  EXPECT_EQ(pod.of(0, event::ExecFailed{"exec /no: no such file"}), Told{"Failed app"});
  EXPECT_EQ(pod.last().message, "Error: exec /no: no such file");
  EXPECT_EQ(pod.of(0, event::Exited{128}), Told{"Created app"});
}

TEST(Events, AFailedLivenessProbeKillsAndSaysWhy) {
  ToldPod pod({with_probe(Liveness)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(pod.probe(0, Liveness, false, "HTTP 503"), (Told{"Unhealthy app", "Killing app"}));
  EXPECT_EQ(pod.events[2].message, "Liveness probe failed: HTTP 503");
  EXPECT_TRUE(pod.events[2].is_warning);
  EXPECT_EQ(pod.last().message, "Stopping container app: liveness probe failed: HTTP 503");
  EXPECT_EQ(pod.of(0, event::Exited{0}), (Told{"ContainerDied app", "Created app"}));
}

TEST(Events, ReadinessThatComesLaterOrGoesIsTold) {
  ToldPod pod({with_probe(Readiness)}, {"app"});
  pod.on(event::PodStart{});
  EXPECT_EQ(pod.of(0, event::ExecOk{}), Told{"Started app"});
  EXPECT_EQ(pod.probe(0, Readiness, true), Told{"Ready app"});
  pod.now += 1s;
  EXPECT_EQ(pod.probe(0, Readiness, false, "refused"), Told{"Unhealthy app"});
  const std::string first = pod.last().id;
  pod.now += 1s;
  EXPECT_EQ(pod.probe(0, Readiness, true), Told{"Ready app"});
  pod.now += 1s;
  EXPECT_EQ(pod.probe(0, Readiness, false, "refused"), Told{"Unhealthy app"});
  EXPECT_NE(pod.last().id, first) << "it is another event";
}

TEST(Events, AResultOfAFormerInstanceIsNoEvent) {
  ToldPod pod({with_probe(Readiness)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(pod.of(0, event::ProbeResult{7, Readiness, false, "late"}), Told{});
}

TEST(Events, AFailedPostStartHookEndsTheContainer) {
  ToldPod pod({with_hook(HookKind::PostStart)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(pod.hook(0, HookKind::PostStart, false, "exit 1"), (Told{"FailedPostStartHook app", "Killing app"}));
  EXPECT_EQ(pod.events[2].message, "PostStartHook failed: exit 1");
}

TEST(Events, AFailedPreStopHookIsOnlyTold) {
  ToldPod pod({with_hook(HookKind::PreStop)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(pod.on(event::PodStop{}), Told{"Killing app"});
  EXPECT_EQ(pod.hook(0, HookKind::PreStop, false, "exit 1"), Told{"FailedPreStopHook app"});
  EXPECT_EQ(pod.of(0, event::Exited{143}), Told{"ContainerDied app"});
  EXPECT_FALSE(pod.last().is_warning) << "it was asked to end";
}

TEST(Events, AStopAndTheKillAfterItAreTwoEvents) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(pod.on(event::PodStop{}), Told{"Killing app"});
  EXPECT_EQ(pod.fire(0, TimerName::Grace), Told{"Killing app"});
  EXPECT_EQ(pod.last().message, "Killing container app: it has not ended in its grace period");
  EXPECT_NE(pod.events[2].id, pod.events[3].id);
}

TEST(Events, ADeadlineIsThePodsOwnEvent) {
  ToldPod pod({{}}, {"app"});
  pod.spec.deadline = 1010s;
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.now = 1010s;
  const Timer timer = pod.record.status.progress.timers[TimerName::Deadline];
  EXPECT_EQ(pod.on(event::PodTimer{TimerName::Deadline, timer.generation}), (Told{"DeadlineExceeded", "Killing app"}));
}

/// A supervisor is killed after it has written an event, and before the transition is on record.
TEST(Events, TheSameTransitionHasTheSameIds) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  const PodStatus recorded = pod.record.status;
  pod.of(0, event::Exited{3});
  const LoggedEvent first = pod.events[2];
  pod.record.status = recorded;
  pod.now += 5s;
  pod.on(event::Adopted{{Registered{.instance = 0, .exec = Registered::Exec::Succeeded, .exit_code = 3}}});
  EXPECT_EQ(pod.events[4].id, first.id);
}

/// A supervisor is killed after it has launched an instance, which ends before the next one lives.
TEST(Events, AnInstanceThatNoSupervisorSawHasItsEventsInOrder) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.now += 1s;
  pod.of(0, event::Exited{3});
  pod.now += 1s;
  pod.of(0, event::ExecOk{});
  pod.now += 1s;
  pod.of(0, event::Exited{3});
  pod.now += 1s;
  EXPECT_EQ(pod.on(event::Adopted{{Registered{.instance = 2, .exec = Registered::Exec::Succeeded, .exit_code = 3}}}),
            (Told{"Created app", "Started app", "ContainerDied app", "BackOff app"}));
  EXPECT_EQ(pod.events[pod.events.size() - 2].id, "app/2/ContainerDied");
}

TEST(Events, InitContainersAreFieldsOfInitContainers) {
  ToldPod pod({init_container(), {}}, {"migrate", "app"});
  pod.on(event::PodStart{});
  EXPECT_EQ(to_object(pod.last(), {"web", "default", "u-1"}).find("involvedObject")->find("fieldPath")->string()[0],
            "spec.initContainers{migrate}");
}

}  // namespace
}  // namespace podrun::supervisor
