// What a new supervisor makes of a whole pod.
#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/driven_pod.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;

Registered child(int instance, Registered::Exec exec = Registered::Exec::Succeeded, std::optional<int> code = {}) {
  return {.instance = instance, .exec = exec, .start_error = "", .exit_code = code};
}

TEST(PodAdoption, AnOwnersExitFoundAtAdoptionKillsItsJoiners) {
  Pod pod = joined();
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{});
  pod.on(event::Adopted{{child(0), child(0, Registered::Exec::Succeeded, 1)}});
  EXPECT_EQ(words(pod.actions), "1 Record, 1 Reap, 0 Kill");
  EXPECT_EQ(pod.states(), (States{Killing, Backoff}));
}

TEST(PodAdoption, AJoinerThatNeverRanIsLaunchedAfterItsOwner) {
  Pod pod = joined();
  pod.on(event::PodStart{}).of(1, event::ExecOk{}).of(0, event::ExecOk{}).of(1, event::Exited{1});
  pod.of(0, event::Exited{137}).of(1, event::ExecOk{});  // both are in their second instances, the joiner starts
  pod.on(event::Adopted{{std::nullopt, child(1, Registered::Exec::Succeeded, 1)}}).on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "Started") << "the owner backs off";
  pod.fire(1, TimerName::Backoff).of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record, 0 Launch 1");
}

TEST(PodAdoption, NothingIsLaunchedBeforeThePodStarts) {
  Pod pod(2);
  pod.on(event::Adopted{{std::nullopt, child(0, Registered::Exec::AtGate, 125)}});
  EXPECT_EQ(words(pod.actions), "1 Reap");
  Pod stopped = pod;
  pod.on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "0 Launch 0, 1 Launch 0");
  stopped.on(event::PodStop{});  // it came meanwhile, and comes first
  EXPECT_EQ(words(stopped.actions), "0 Record, Started, Finish 0");
}

TEST(PodAdoption, AJoinerWaitsForAnOwnerThatNeverRanBeforeThePodIsReady) {
  Pod pod = joined();
  pod.on(event::PodStart{});
  pod.on(event::Adopted{{std::nullopt, child(0, Registered::Exec::AtGate, 125)}}).on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "1 Launch 0");
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(words(pod.actions), "1 Record, 0 Launch 0") << "not Ready: the joiner's first exec is still to come";
}

TEST(PodAdoption, EachSupervisorTellsThatThePodHasStarted) {
  Pod pod(1);
  pod.run().on(event::Adopted{{child(0)}}).on(event::PodStart{});
  EXPECT_EQ(words(pod.actions), "Started, Ready");
}

TEST(PodAdoption, AStopThatWasBegunDoesNotCountAgainAndALaterOneDoes) {
  PodStatus status;
  EXPECT_EQ(stops_before_adoption(status, 2), 0) << "a stop without a supervisor is handled by the next one";
  status.stopping = true;
  EXPECT_EQ(stops_before_adoption(status, 0), 0) << "it was asked for by the control socket";
  EXPECT_EQ(stops_before_adoption(status, 1), 1);
  EXPECT_EQ(stops_before_adoption(status, 3), 1);
}

TEST(PodAdoption, AnErrorEndsAPodOnlyIfNothingWasLaunched) {
  PodStatus status{.containers = {ContainerStatus(), ContainerStatus()}};
  EXPECT_TRUE(nothing_was_launched(status));
  status.containers[1].instance = 0;
  EXPECT_FALSE(nothing_was_launched(status));
}

}  // namespace
}  // namespace podrun::supervisor
