// The pod above its containers: start, stop, phase, end.
#include "supervisor/lifecycle/pod_lifecycle.hpp"

#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/driven_pod.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;
using pod::RestartPolicy;

TEST(PodLifecycle, ContainersStartInListedOrderWithoutWaiting) {
  Pod pod(3);
  pod.on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "0 Launch 0, 1 Launch 0, 2 Launch 0");
}

TEST(PodLifecycle, ANewSupervisorStartsOnlyContainersNeverLaunched) {
  Pod pod(3);
  pod.status.containers[0] = launched({}, 0);
  pod.on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "1 Launch 0, 2 Launch 0");
  EXPECT_EQ(step(pod.spec, pod.status, event::PodStart{}, pod.now).cell, TableCell::Ignored);
}

TEST(PodLifecycle, AnEventReachesItsContainerAlone) {
  Pod pod(2);
  pod.run().of(1, event::Exited{1});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 1 Launch 1");
  EXPECT_EQ(pod.states(), (States{Running, Starting}));
}

TEST(PodLifecycle, AnEventOfAnUnknownContainerCannotHappen) {
  Pod pod(1);
  EXPECT_EQ(step(pod.spec, pod.status, event::OfContainer{1, event::Start{}}, 1h).cell, TableCell::CannotHappen);
}

TEST(PodLifecycle, AStopIsOnRecordBeforeItIsSentToAllAndTheSignalsAfterwards) {
  Pod pod(2);
  pod.run().on(event::PodStop{});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Terminate, 0 Arm Grace, 1 Terminate, 1 Record, 1 Arm Grace");
  EXPECT_EQ(pod.status.containers[0].timers[TimerName::Grace].due, pod.now + 30s);
  EXPECT_EQ(pod.status.containers[1].timers[TimerName::Grace].due, pod.now + 30s);
  EXPECT_TRUE(pod.status.stopping);
}

TEST(PodLifecycle, AStopMaySetItsOwnGracePeriod) {
  Pod pod(1);
  pod.run().on(event::PodStop{5s});
  EXPECT_EQ(pod.status.containers[0].timers[TimerName::Grace].due, pod.now + 5s);
}

TEST(PodLifecycle, ASecondStopKillsDespiteItsGracePeriod) {
  Pod pod(2);
  pod.run().on(event::PodStop{}).of(0, event::Exited{0}).on(event::PodStop{60s});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Kill");
  EXPECT_EQ(pod.states(), (States{Completed, Killing}));
}

TEST(PodLifecycle, AStopReachesContainersInEveryState) {
  Pod pod(3);
  pod.run().of(1, event::Exited{1}).of(1, event::ExecOk{}).of(1, event::Exited{1});
  pod.of(2, event::Exited{1}).on(event::PodStop{});
  EXPECT_EQ(pod.states(), (States{Stopping, Failed, Starting}));
  EXPECT_FALSE(ended(pod.status));
  pod.of(0, event::Exited{0}).of(2, event::ExecOk{}).of(2, event::Exited{143});
  EXPECT_TRUE(ended(pod.status));
}

TEST(PodLifecycle, AStopBeforeTheStartEndsThePod) {
  Pod pod(2);
  pod.on(event::PodStop{});
  EXPECT_TRUE(ended(pod.status));
  EXPECT_TRUE(started(pod.status)) << "nobody waits for a start that will not come";
  EXPECT_EQ(words(pod.actions), "0 Record, Started, Finish 0");
  EXPECT_EQ(step(pod.spec, pod.status, event::PodStart{}, pod.now).cell, TableCell::Ignored);
}

TEST(PodLifecycle, APodIsPendingUntilEachContainerHasRun) {
  Pod pod(2);
  EXPECT_EQ(phase(pod.status), Phase::Pending);
  pod.on(event::PodStart{}).of(0, event::ExecOk{});
  EXPECT_EQ(phase(pod.status), Phase::Pending);
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(phase(pod.status), Phase::Running);
}

TEST(PodLifecycle, APodWithAStartErrorIsRunningNotPending) {
  Pod pod(1);
  pod.on(event::PodStart{}).of(0, event::ExecFailed{"why"}).of(0, event::Exited{128});
  EXPECT_EQ(phase(pod.status), Phase::Running) << "it has a last termination, as a crash loop has";
}

TEST(PodLifecycle, APodInACrashLoopHasThePhaseRunning) {
  Pod pod(1);
  pod.run().of(0, event::Exited{1}).of(0, event::ExecOk{}).of(0, event::Exited{1});
  EXPECT_EQ(pod.states(), States{Backoff});
  EXPECT_EQ(phase(pod.status), Phase::Running);
}

TEST(PodLifecycle, ThePhaseAtTheEndIsThatOfTheWorstContainer) {
  Pod job(2, RestartPolicy::Never);
  job.run().of(0, event::Exited{0});
  EXPECT_EQ(phase(job.status), Phase::Running);
  Pod failed = job;
  EXPECT_EQ(phase(job.of(1, event::Exited{0}).status), Phase::Succeeded);
  EXPECT_EQ(phase(failed.of(1, event::Exited{4}).status), Phase::Failed);
}

TEST(PodLifecycle, AnOnFailurePodSucceedsOnceEachContainerHas) {
  Pod job(1, RestartPolicy::OnFailure);
  job.run().of(0, event::Exited{1});
  EXPECT_EQ(phase(job.status), Phase::Running);
  EXPECT_EQ(phase(job.of(0, event::ExecOk{}).of(0, event::Exited{0}).status), Phase::Succeeded);
}

TEST(PodLifecycle, AStoppedPodWhoseContainersExitWithZeroSucceeds) {
  Pod pod(1);
  pod.run().on(event::PodStop{}).of(0, event::Exited{0});
  EXPECT_EQ(phase(pod.status), Phase::Succeeded);
}

TEST(PodLifecycle, APodHasStartedWhenEachFirstExecIsSettled) {
  Pod pod(2);
  pod.on(event::PodStart{}).of(0, event::ExecOk{});
  EXPECT_FALSE(started(pod.status));
  pod.of(1, event::ExecFailed{"why"});
  EXPECT_TRUE(started(pod.status));
}

TEST(PodLifecycle, AnOwnStepThatFailsAtAFirstStartAbortsThePod) {
  Pod pod(2);
  pod.on(event::PodStart{}).of(0, event::ExecOk{}).of(1, event::ExecFailed{"step 3", true});
  EXPECT_EQ(words(pod.actions), "Abort: step 3");
  EXPECT_EQ(step(pod.spec, pod.status, event::PodStop{}, pod.now).cell, TableCell::Ignored) << "nothing follows";
}

TEST(PodLifecycle, AnOwnStepThatFailsAtARestartIsAStartError) {
  Pod pod(1);
  pod.run().of(0, event::Exited{1}).of(0, event::ExecFailed{"step 3", true}).of(0, event::Exited{128});
  EXPECT_EQ(pod.states(), States{Backoff});
}

TEST(PodLifecycle, ALostPodEndsOnlyItsUnfinishedContainers) {
  Pod pod(3, RestartPolicy::OnFailure);
  pod.run().of(0, event::Exited{0}).of(1, event::Exited{3}).of(1, event::ExecOk{}).of(1, event::Exited{4});
  EXPECT_EQ(pod.states(), (States{Completed, Backoff, Running}));
  const PodStatus last = lost(pod.status, 2h);
  EXPECT_EQ(phase(last), Phase::Failed);
  EXPECT_EQ(last.containers[0], pod.status.containers[0]);
  EXPECT_EQ(last.containers[1].state, Failed);
  EXPECT_EQ(last.containers[1].last->exit_code, 4);
  EXPECT_EQ(last.containers[2].last->exit_code, 137);
  EXPECT_EQ(last.containers[2].last->finished, 2h);
}

}  // namespace
}  // namespace podrun::supervisor
