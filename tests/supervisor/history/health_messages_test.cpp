// Messages about the health of containers.
#include "supervisor/history/health_messages.hpp"

#include <gtest/gtest.h>

#include "supervisor/state/status_messages.hpp"
#include "tests/supervisor/history/told_pod.hpp"

namespace podrun::supervisor {
namespace {

using enum pod::ProbeKind;
using pod::HookKind;

/// What is told of an event of container app.
std::string told(ToldPod& pod, const Event& event) {
  const ContainerStatus before = pod.record.status.containers[0];
  pod.of(0, event);
  return describe_health("app", event, before, pod.record.status.containers[0]);
}
/// The other message about the same event.
std::string changed(ToldPod& pod, const Event& event) {
  const ContainerStatus before = pod.record.status.containers[0];
  pod.of(0, event);
  return describe_transition("app", before, pod.record.status.containers[0], pod.now);
}

TEST(HealthMessages, EachChangeOfReadinessIsToldOnce) {
  ToldPod pod({with_probe(Readiness)}, {"app"});
  pod.on(event::PodStart{});
  EXPECT_EQ(told(pod, event::ExecOk{}), "");
  EXPECT_EQ(told(pod, event::ProbeResult{0, Readiness, true}), "app: ready");
  EXPECT_EQ(told(pod, event::ProbeResult{0, Readiness, false, "HTTP 503"}),
            "app: not ready: readiness probe failed: HTTP 503");
  EXPECT_EQ(told(pod, event::ProbeResult{7, Readiness, true}), "") << "of another instance";
}

TEST(HealthMessages, WhoIsReadyWithItsStartIsOnlyStarted) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  EXPECT_EQ(told(pod, event::ExecOk{}), "");
}

TEST(HealthMessages, AFailedHookIsTold) {
  ToldPod pod({with_hook(HookKind::PostStart)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(told(pod, event::HookEnded{0, HookKind::PostStart, false, "exit 1"}), "app: postStart hook failed: exit 1");
  EXPECT_EQ(changed(pod, event::Exited{137}),
            "app: killed because its postStart hook failed (exit 1), exit code 137; restart 1 now");
}

TEST(HealthMessages, TheStagesOfAStopAreTold) {
  ToldPod pod({with_hook(HookKind::PreStop)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  const ContainerStatus before = pod.record.status.containers[0];
  pod.on(event::PodStop{});
  EXPECT_EQ(describe_transition("app", before, pod.record.status.containers[0], pod.now),
            "app: its preStop hook runs");
  EXPECT_EQ(changed(pod, event::HookEnded{0, HookKind::PreStop, true}), "app: asked to end (TERM)");
  EXPECT_EQ(changed(pod, event::Exited{0}), "app: exited with 0");
}

TEST(HealthMessages, APreStopHookThatOutlastsTheGracePeriodIsTold) {
  ToldPod pod({with_hook(HookKind::PreStop)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.on(event::PodStop{});
  const auto& timers = pod.record.status.containers[0].timers;
  EXPECT_EQ(told(pod, event::Timer{TimerName::Grace, timers[TimerName::Grace].generation}),
            "app: preStop hook failed: it has not ended in the grace period");
}

TEST(HealthMessages, TheSignalThatAsksToEndIsNamed) {
  ContainerStatus after;
  after.state = ContainerState::Stopping;
  EXPECT_EQ(describe_transition("app", {}, after, BootTime{0}, 2), "app: asked to end (INT)");
}

TEST(HealthMessages, AProbeThatCannotBeTriedChangesNothingAndIsTold) {
  ToldPod pod({with_probe(Liveness)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  const ContainerStatus before = pod.record.status.containers[0];
  EXPECT_EQ(told(pod, event::ProbeResult{0, Liveness, false, "no such file", "", true}),
            "app: liveness probe cannot be tried, which counts as no result: no such file");
  EXPECT_EQ(pod.record.status.containers[0], before);
}

TEST(HealthMessages, AnEndHasItsCause) {
  ToldPod pod({with_probe(Liveness)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.probe(0, Liveness, false, "HTTP 503");
  EXPECT_EQ(changed(pod, event::Exited{137}),
            "app: killed by its liveness probe (HTTP 503), exit code 137; restart 1 now");
}

}  // namespace
}  // namespace podrun::supervisor
