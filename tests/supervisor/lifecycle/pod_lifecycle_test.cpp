// The lifecycle of a pod: start, stop, phase and end.
#include "supervisor/lifecycle/pod_lifecycle.hpp"

#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;
using pod::RestartPolicy;

struct Pod {
  PodPolicy policy;
  PodStatus status;
  BootTime now = 1h;
  std::vector<PodAction> actions;

  explicit Pod(std::size_t containers, RestartPolicy restart = RestartPolicy::Always)
      : policy{.container = {.restart = restart}},
        status{.containers = std::vector<ContainerStatus>(containers)} {}

  Pod& on(const PodEvent& event) {
    PodTransition made = step(policy, status, event, now);
    EXPECT_EQ(made.cell, TableCell::Acts);
    status = std::move(made.next);
    actions = std::move(made.actions);
    return *this;
  }
  Pod& of(std::size_t index, const Event& event) { return on(event::OfContainer{index, event}); }
  Pod& run() {
    on(event::PodStart{});
    for (std::size_t i = 0; i < status.containers.size(); ++i) of(i, event::ExecOk{});
    return *this;
  }
  std::vector<ContainerState> states() const {
    std::vector<ContainerState> found;
    for (const ContainerStatus& each : status.containers) found.push_back(each.state);
    return found;
  }
};

using States = std::vector<ContainerState>;

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
  EXPECT_EQ(step(pod.policy, pod.status, event::PodStart{}, pod.now).cell, TableCell::Ignored);
}

TEST(PodLifecycle, AnEventReachesItsContainerAlone) {
  Pod pod(2);
  pod.run().of(1, event::Exited{1});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 1 Launch 1");
  EXPECT_EQ(pod.states(), (States{Running, Starting}));
}

TEST(PodLifecycle, AnEventOfAnUnknownContainerCannotHappen) {
  Pod pod(1);
  EXPECT_EQ(step(pod.policy, pod.status, event::OfContainer{1, event::Start{}}, 1h).cell, TableCell::CannotHappen);
}

TEST(PodLifecycle, AStopIsRecordedOnceAndSentToAllAtTheSameTime) {
  Pod pod(2);
  pod.run().on(event::PodStop{});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Terminate, 0 Arm, 1 Terminate, 1 Arm");
  EXPECT_EQ(pod.status.containers[0].deadline, pod.now + 30s);
  EXPECT_EQ(pod.status.containers[1].deadline, pod.now + 30s);
  EXPECT_TRUE(pod.status.stopping);
}

TEST(PodLifecycle, AStopMaySetItsOwnGracePeriod) {
  Pod pod(1);
  pod.run().on(event::PodStop{5s});
  EXPECT_EQ(pod.status.containers[0].deadline, pod.now + 5s);
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
  EXPECT_EQ(step(pod.policy, pod.status, event::PodStart{}, pod.now).cell, TableCell::Ignored);
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

// ---- containers that join the namespaces of others ----

/// A pod in which container 0 joins the PID namespace of container 1.
Pod joined(RestartPolicy restart = RestartPolicy::Always) {
  Pod pod(2, restart);
  pod.policy.joins = {{{.container = 1, .alive = true}}, {}};
  return pod;
}

TEST(PodLifecycle, AJoinerStartsWhenItsOwnerRuns) {
  Pod pod = joined();
  pod.on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "1 Launch 0");
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record, 0 Launch 0");
}

TEST(PodLifecycle, AJoinerIsKilledWithItsOwnerAndRestartsAfterIt) {
  Pod pod = joined();
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
  pod.of(1, event::Exited{0});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 1 Launch 1, 0 Kill");
  pod.of(0, event::Exited{137});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Reap, 0 Launch 1") << "restarts are the table's affair";
}

TEST(PodLifecycle, ARestartedJoinerWaitsForItsOwner) {
  Pod pod = joined();
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
  pod.of(1, event::Exited{1}).of(1, event::ExecOk{}).of(1, event::Exited{1});  // now it backs off
  pod.of(0, event::Exited{137}).of(0, event::ExecFailed{""}).of(0, event::Exited{128});
  ASSERT_EQ(pod.states(), (States{Backoff, Backoff}));
  pod.now += 1h;
  const event::OfContainer timer{0, event::Timer{pod.status.containers[0].generation}};
  EXPECT_EQ(step(pod.policy, pod.status, timer, pod.now).cell, TableCell::Ignored);
  pod.of(1, event::Timer{pod.status.containers[1].generation}).of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record, 0 Launch 2");
}

TEST(PodLifecycle, AJoinerOfAContainerInBackoffDoesNotDelayThePodsStart) {
  Pod pod = joined();
  pod.on(event::PodStart{}).of(1, event::ExecFailed{"x"}).of(1, event::Exited{128});  // the first restart is immediate
  pod.of(1, event::ExecFailed{"x"}).of(1, event::Exited{128});
  EXPECT_EQ(pod.states(), (States{Waiting, Backoff}));
  EXPECT_TRUE(started(pod.status));
}

TEST(PodLifecycle, AJoinerOfAFailedContainerIsLaunched) {
  Pod pod = joined(RestartPolicy::Never);
  pod.on(event::PodStart{}).of(1, event::ExecFailed{"x"}).of(1, event::Exited{128});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 0 Launch 0");
  EXPECT_EQ(pod.states(), (States{Starting, Failed}));
  pod.of(0, event::ExecFailed{"y"}).of(0, event::Exited{128});
  EXPECT_EQ(pod.states(), (States{Failed, Failed}));
  EXPECT_TRUE(ended(pod.status));
}

TEST(PodLifecycle, AJoinerOfANamespaceHeldByThePauseSurvivesItsOwner) {
  Pod pod(2);
  pod.policy.joins = {{{.container = 1, .alive = false}}, {}};
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
  pod.of(1, event::Exited{0});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 1 Launch 1");
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
