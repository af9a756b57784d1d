// A pod that may run for a limited time.
#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/driven_pod.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;
using pod::RestartPolicy;

/// A pod that may run for a minute.
Pod limited(std::size_t containers, RestartPolicy restart = RestartPolicy::Always) {
  Pod pod(containers, restart);
  pod.spec.deadline = pod.now + 60s;
  return pod;
}

/// The firing of the deadline's timer.
event::PodTimer firing(const Pod& pod) {
  return {TimerName::Deadline, pod.status.progress.timers[TimerName::Deadline].generation};
}

TEST(PodDeadline, IsArmedOnceWhenThePodStarts) {
  Pod pod = limited(1);
  pod.on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "Arm Deadline, 0 Launch 0");
  EXPECT_EQ(std::get<action::Arm>(pod.actions.front().action).due, pod.now + 60s);
  pod.now += 1s;
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "0 Record, Started, Ready");
}

TEST(PodDeadline, APodWithoutOneArmsNone) {
  Pod pod(1);
  pod.on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "0 Launch 0");
}

TEST(PodDeadline, ItStopsThePodWhichHasFailedWhateverTheExitCodes) {
  Pod pod = limited(2);
  pod.run();
  pod.now += 60s;
  pod.on(firing(pod));
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Terminate, 0 Arm Grace, 1 Terminate, 1 Record, 1 Arm Grace");
  EXPECT_EQ(pod.status.containers[0].timers[TimerName::Grace].due, pod.now + 30s) << "the pod's grace period";
  EXPECT_EQ(phase(pod.status), Phase::Running) << "until its containers have ended";
  pod.of(0, event::Exited{0}).of(1, event::Exited{0});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, Finish 1");
  EXPECT_TRUE(pod.status.deadline_exceeded);
  EXPECT_EQ(phase(pod.status), Phase::Failed);
}

TEST(PodDeadline, ItHoldsWhateverEventComesFirst) {
  Pod pod = limited(1);
  pod.run();
  pod.now += 61s;
  pod.of(0, event::Exited{0});
  EXPECT_EQ(pod.states(), States{Completed}) << "not restarted after the deadline";
  EXPECT_TRUE(pod.status.deadline_exceeded);
}

TEST(PodDeadline, AnOutdatedFiringDoesNothing) {
  Pod pod = limited(1);
  pod.run();
  const event::PodTimer armed = firing(pod);
  EXPECT_EQ(step(pod.spec, pod.status, event::PodTimer{TimerName::Deadline, armed.generation - 1}, pod.now).cell,
            TableCell::Ignored);
  EXPECT_EQ(step(pod.spec, pod.status, event::PodTimer{TimerName::Grace, armed.generation}, pod.now).cell,
            TableCell::Ignored);
  pod.on(event::PodStop{});
  EXPECT_EQ(step(pod.spec, pod.status, armed, pod.now).cell, TableCell::Ignored) << "it is cancelled by the stop";
}

TEST(PodDeadline, APodThatIsStoppedBeforeItDoesNotFailByIt) {
  Pod pod = limited(1);
  pod.run().on(event::PodStop{});
  pod.now += 61s;
  pod.of(0, event::Exited{143});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Reap, Finish 0");
  EXPECT_FALSE(pod.status.deadline_exceeded);
}

TEST(PodDeadline, APodWhoseAppsHaveEndedBeforeItSucceeds) {
  Pod pod = limited(2, RestartPolicy::Never);
  pod.spec.containers[0].role = ContainerRole::Sidecar;
  pod.run().of(1, event::Exited{0});
  pod.now += 61s;
  pod.of(0, event::Exited{0});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Reap, Finish 0");
}

TEST(PodDeadline, AStopAfterItDoesNotMakeThePodSucceed) {
  Pod pod = limited(1);
  pod.run();
  pod.now += 60s;
  pod.on(firing(pod)).on(event::PodStop{5s}).of(0, event::Exited{0});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Reap, Finish 1");
}

TEST(PodDeadline, ContainersThatWaitEndWithIt) {
  Pod pod = limited(2);
  pod.spec.containers[1].image = Image::Awaited;
  pod.on(event::PodStart{}).of(0, event::ExecFailed{"x"}).of(0, event::Exited{128});
  pod.of(0, event::ExecFailed{"x"}).of(0, event::Exited{128});
  EXPECT_EQ(pod.states(), (States{Backoff, Waiting}));
  pod.now += 60s;
  pod.on(firing(pod));
  EXPECT_EQ(words(pod.actions), "0 Record, Finish 1");
}

TEST(PodDeadline, ANewSupervisorArmsItAgainForTheSameTime) {
  Pod pod = limited(1);
  pod.run();
  const BootTime due = *pod.spec.deadline;
  pod.now += 20s;
  pod.on(event::Adopted{{Registered{.instance = 0, .exec = Registered::Exec::Succeeded}}}).on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "Arm Deadline, Started, Ready");
  EXPECT_EQ(std::get<action::Arm>(pod.actions.front().action).due, due);
}

TEST(PodDeadline, ANewSupervisorStopsAPodThatExceededItMeanwhile) {
  Pod pod = limited(1);
  pod.run();
  pod.now += 61s;
  pod.on(event::Adopted{{Registered{.instance = 0, .exec = Registered::Exec::Succeeded}}}).on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Terminate, 0 Record, 0 Arm Grace, Started, Ready");
}

}  // namespace
}  // namespace podrun::supervisor
