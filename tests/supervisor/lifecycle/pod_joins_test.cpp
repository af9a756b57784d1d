// Containers that join the namespaces of others.
#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/driven_pod.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;
using pod::RestartPolicy;

TEST(PodJoins, AJoinerStartsWhenItsOwnerRuns) {
  Pod pod = joined();
  pod.on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "1 Launch 0");
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record, 0 Launch 0");
}

TEST(PodJoins, AJoinerIsKilledWithItsOwnerAndRestartsAfterIt) {
  Pod pod = joined();
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
  pod.of(1, event::Exited{0});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 0 Kill, 1 Launch 1");
  EXPECT_EQ(pod.states(), (States{Killing, Starting}));
  pod.of(0, event::Exited{137});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Reap");
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record, 0 Launch 1");
}

TEST(PodJoins, ARestartedJoinerWaitsForItsOwner) {
  Pod pod = joined();
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
  pod.of(1, event::Exited{1}).of(0, event::Exited{137}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
  pod.of(1, event::Exited{1}).of(0, event::Exited{137});
  ASSERT_EQ(pod.states(), (States{Backoff, Backoff})) << "after the second exit, which is not restarted at once";
  const std::uint64_t generation = pod.status.containers[0].timers[TimerName::Backoff].generation;
  pod.now += 5s;
  EXPECT_EQ(waiting_reason(pod.spec, pod.status, 0, pod.now), WaitingReason::Backoff);
  pod.now += 1h;
  EXPECT_EQ(waiting_reason(pod.spec, pod.status, 0, pod.now), WaitingReason::Owner);
  pod.fire(1, TimerName::Backoff);
  EXPECT_EQ(words(pod.actions), "1 Launch 2");
  const event::OfContainer timer{0, event::Timer{TimerName::Backoff, generation}};
  EXPECT_EQ(step(pod.spec, pod.status, timer, pod.now).cell, TableCell::Ignored) << "its owner does not run yet";
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record, 0 Launch 2");
}

TEST(PodJoins, AJoinerOfAContainerInBackoffDoesNotDelayThePodsStart) {
  Pod pod = joined();
  pod.on(event::PodStart{}).of(1, event::ExecFailed{"x"}).of(1, event::Exited{128});  // the first restart is immediate
  pod.of(1, event::ExecFailed{"x"}).of(1, event::Exited{128});
  EXPECT_EQ(pod.states(), (States{Waiting, Backoff}));
  EXPECT_TRUE(started(pod.status));
}

TEST(PodJoins, AJoinerThatStartsIsKilledWithAnOwnerThatEndsForGood) {
  Pod pod = joined(RestartPolicy::Never);
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(1, event::Exited{0});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 0 Kill");
  EXPECT_EQ(pod.states(), (States{Killing, Completed}));
}

TEST(PodJoins, AJoinerOfAFailedContainerIsLaunched) {
  Pod pod = joined(RestartPolicy::Never);
  pod.on(event::PodStart{}).of(1, event::ExecFailed{"x"}).of(1, event::Exited{128});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 0 Launch 0");
  EXPECT_EQ(pod.states(), (States{Starting, Failed}));
  pod.of(0, event::ExecFailed{"y"}).of(0, event::Exited{128});
  EXPECT_EQ(pod.states(), (States{Failed, Failed}));
  EXPECT_TRUE(ended(pod.status));
}

TEST(PodJoins, AJoinerOfANamespaceHeldByThePauseSurvivesItsOwner) {
  Pod pod(2);
  pod.spec.containers[0].joins = {{.container = 1, .alive = false}};
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
  pod.of(1, event::Exited{0});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 1 Launch 1");
}

TEST(PodJoins, AJoinerThatExitsByItselfWaitsForAnOwnerInBackoff) {
  Pod pod = joined();
  pod.spec.containers[0].joins.front().alive = false;
  pod.spec.containers[0].joins.push_back({.container = 1, .alive = true});
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
  pod.on(event::OfContainer{0, event::Exited{1}, {1}});
  EXPECT_EQ(words(pod.actions), "0 Record, 0 Reap") << "the kernel is ending the owner: it would be joined in vain";
  pod.of(1, event::Exited{1}).of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record, 0 Launch 1");
}

TEST(PodJoins, AJoinerThatTheKernelKillsWithItsOwnerSaysSo) {
  const auto cause_of = [](event::Exited exit, std::vector<std::size_t> ending) {
    Pod pod = joined();
    pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
    pod.on(event::OfContainer{0, std::move(exit), std::move(ending)});
    return pod.status.containers[0].last->cause;
  };
  EXPECT_EQ(cause_of({137}, {1}), "the container whose namespaces it uses has ended");
  EXPECT_EQ(cause_of({137}, {}), "");
  EXPECT_EQ(cause_of({1}, {1}), "") << "it had exited before";
  EXPECT_EQ(cause_of({.exit_code = 137, .oom_killed = true}, {1}), "");
}

TEST(PodJoins, AJoinerOfAnOwnerThatHasEndedForGoodIsNotKilledBeforeItsStartFails) {
  Pod pod = joined(RestartPolicy::OnFailure);
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{}).of(1, event::Exited{0});
  pod.of(0, event::Exited{137});
  EXPECT_EQ(pod.states(), (States{Starting, Completed}));
  pod.of(0, event::ExecFailed{"container has ended"}).of(0, event::Exited{128});
  EXPECT_EQ(pod.states(), (States{Backoff, Completed}));
}

}  // namespace
}  // namespace podrun::supervisor
