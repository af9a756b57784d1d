// What somebody waits for.
#include "supervisor/history/wait_outcome.hpp"

#include <gtest/gtest.h>

#include "tests/supervisor/history/told_pod.hpp"

namespace podrun::supervisor {
namespace {

using enum WaitOutcome::State;
using enum pod::ProbeKind;
using pod::RestartPolicy;

std::string words(const PodView& pod, Awaited awaited) {
  const WaitOutcome outcome = outcome_of(pod, awaited);
  return outcome.state == Met ? "met" : outcome.state == NotYet ? "not yet" : outcome.why;
}

TEST(WaitOutcome, ReadyIsTheConditionReady) {
  ToldPod pod({with_probe(Readiness)}, {"app"});
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "not yet");
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "not yet");
  pod.probe(0, Readiness, true);
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "met");
  EXPECT_EQ(words(pod.view(), Awaited::Completed), "not yet");
  pod.probe(0, Readiness, false);
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "not yet");
  pod.on(event::PodStop{});
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "the pod is being stopped");
  pod.of(0, event::Exited{143});
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "the pod was stopped");
  EXPECT_EQ(words(pod.view(), Awaited::Completed), "met");
}

TEST(WaitOutcome, ACrashLoopMayBecomeReady) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecFailed{"no"});
  pod.of(0, event::Exited{128});
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "not yet");
}

TEST(WaitOutcome, AContainerThatHasEndedForGoodNeverBecomesReady) {
  ToldPod pod({with_policy(RestartPolicy::Never), with_policy(RestartPolicy::Never)}, {"a", "b"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(0, event::Exited{0});
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "a has ended for good (exit code 0)");
  pod.of(1, event::ExecOk{});
  pod.of(1, event::Exited{0});
  EXPECT_EQ(words(pod.view(), Awaited::Completed), "met");
}

TEST(WaitOutcome, AFailedPodNeverCompletes) {
  ToldPod pod({with_policy(RestartPolicy::Never)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(0, event::Exited{1});
  EXPECT_EQ(words(pod.view(), Awaited::Completed), "the pod has failed");
  PodView dead = pod.view();
  dead.reason = "Dead";
  EXPECT_EQ(words(dead, Awaited::Completed), "the pod has failed (Dead)");
}

TEST(WaitOutcome, AnEndedInitContainerIsNoObstacle) {
  ToldPod pod({init_container(), {}}, {"migrate", "app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(0, event::Exited{0});
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "not yet");
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.view(), Awaited::Ready), "met");
}

}  // namespace
}  // namespace podrun::supervisor
