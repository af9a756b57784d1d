// The life of a container: restart policies, start errors, stops and health.
#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;
using pod::RestartPolicy;

/// A container that receives events. Each must be one on which it acts.
struct Container {
  ContainerPolicy policy;
  BootTime now = 1h;
  ContainerStatus status;
  std::vector<Action> actions;

  Container& on(const Event& event) {
    Transition made = step(policy, status, event, now);
    EXPECT_EQ(made.cell, TableCell::Acts) << status.state << " × event " << event.index();
    status = std::move(made.next);
    actions = std::move(made.actions);
    return *this;
  }
  Container& after(std::chrono::nanoseconds time) {
    now += time;
    return *this;
  }
  Container& fire() {
    now = std::max(now, status.deadline.value_or(now));
    return on(event::Timer{status.generation});
  }
};

Container running(RestartPolicy restart = RestartPolicy::Always) {
  Container container{.policy = {.restart = restart}};
  container.on(event::Start{}).after(10ms).on(event::ExecOk{});
  return container;
}

action::Arm armed(const Container& container) {
  for (const Action& each : container.actions)
    if (const auto* arm = std::get_if<action::Arm>(&each)) return *arm;
  ADD_FAILURE() << "nothing armed by: " << words(container.actions);
  return {};
}

// ---- starting ----

TEST(Lifecycle, TheExecSetsTheStartTimeOfTheInstance) {
  Container container;
  container.on(event::Start{});
  EXPECT_EQ(container.status.started, 0s);
  EXPECT_FALSE(container.status.first_attempt_settled);
  container.after(10ms).on(event::ExecOk{});
  EXPECT_EQ(container.status.started, 1h + 10ms);
  EXPECT_TRUE(container.status.ever_started);
  EXPECT_TRUE(container.status.first_attempt_settled);
  EXPECT_EQ(container.status.restart_count, 0);
}

TEST(Lifecycle, AStartErrorIsExit128WithItsMessage) {
  Container container;
  container.on(event::Start{}).on(event::ExecFailed{"step 14: exec /nope: No such file or directory"});
  EXPECT_TRUE(container.status.first_attempt_settled);
  EXPECT_FALSE(container.status.ever_started);
  container.after(1ms).on(event::Exited{125});
  ASSERT_TRUE(container.status.last);
  EXPECT_EQ(*container.status.last, (Termination{.exit_code = 128,
                                                 .reason = "StartError",
                                                 .message = "step 14: exec /nope: No such file or directory",
                                                 .started = 0s,
                                                 .finished = 1h + 1ms}));
  EXPECT_EQ(words(container.actions), "Record, Reap, Launch 1") << "back-off applies to it as to any exit";
}

TEST(Lifecycle, AStartErrorDoesNotOutliveItsInstance) {
  Container container;
  container.on(event::Start{}).on(event::ExecFailed{"why"}).on(event::Exited{125});
  container.on(event::ExecOk{}).on(event::Exited{3});
  EXPECT_EQ(container.status.last->exit_code, 3);
  EXPECT_EQ(container.status.last->message, "");
}

TEST(Lifecycle, AStartErrorTakesPrecedenceOverTheTerminationMessage) {
  Container container;
  container.on(event::Start{}).on(event::ExecOk{}).on(event::Exited{3, "no database"});
  EXPECT_EQ(container.status.last->message, "no database");
  container.on(event::ExecFailed{"why"}).on(event::Exited{128, "left over"});
  EXPECT_EQ(container.status.last->message, "why");
}

TEST(Lifecycle, AStartErrorIsFinalUnderRestartPolicyNever) {
  Container container{.policy = {.restart = RestartPolicy::Never}};
  container.on(event::Start{}).on(event::ExecFailed{"why"}).on(event::Exited{125});
  EXPECT_EQ(container.status.state, Failed);
}

TEST(Lifecycle, AKillDuringSetUpIsRecordedAsAnExit) {
  Container container;
  container.on(event::Start{}).on(event::Exited{137});
  EXPECT_EQ(container.status.last->exit_code, 137);
  EXPECT_EQ(container.status.last->reason, "Error");
  EXPECT_TRUE(container.status.first_attempt_settled);
  EXPECT_FALSE(container.status.ever_started);
}

TEST(Lifecycle, ALaunchResetsTheStateOfThePreviousInstance) {
  Container container;
  container.on(event::Start{}).on(event::ExecFailed{"why"});
  const ContainerStatus next = launched(container.status, 1);
  EXPECT_EQ(next.pending_start_error, std::nullopt);
  EXPECT_EQ(launched(running().on(event::Stop{30s}).status, 1).deadline, std::nullopt);
  EXPECT_EQ(launched(running().status, 1).started, 0s);
}

// ---- exits and the policy ----

TEST(Lifecycle, TheFirstRestartFollowsTheExitInTheSameStep) {
  Container container = running().after(3s).on(event::Exited{0});
  EXPECT_EQ(container.status.state, Starting);
  EXPECT_EQ(words(container.actions), "Record, Reap, Launch 1");
  EXPECT_EQ(container.status.restart_count, 1);
  EXPECT_EQ(*container.status.last, (Termination{.exit_code = 0,
                                                 .reason = "Completed",
                                                 .message = "",
                                                 .started = 1h + 10ms,
                                                 .finished = 1h + 3s + 10ms}));
}

TEST(Lifecycle, TheSecondRestartWaitsTenSecondsFromTheExit) {
  Container container = running().on(event::Exited{1}).on(event::ExecOk{}).after(5s).on(event::Exited{1});
  EXPECT_EQ(container.status.state, Backoff);
  EXPECT_EQ(words(container.actions), "Record, Reap, Arm");
  EXPECT_EQ(armed(container).due, container.now + 10s);
  EXPECT_EQ(container.status.deadline, container.now + 10s);
  EXPECT_EQ(container.status.restart_count, 1) << "the restart that is due has not happened";
  container.fire();
  EXPECT_EQ(words(container.actions), "Launch 2");
  EXPECT_EQ(container.status.restart_count, 2);
}

TEST(Lifecycle, ARestartByALateTimerDoesNotResetTheBackoff) {
  Container container = running().on(event::Exited{1}).on(event::ExecOk{}).on(event::Exited{1});
  container.after(2h).fire().on(event::ExecOk{}).after(1s).on(event::Exited{1});
  EXPECT_EQ(armed(container).due, container.now + 20s) << "a second of running does not forget the curve";
}

TEST(Lifecycle, ThePolicyDecidesByTheExitCode) {
  struct Case {
    RestartPolicy policy;
    int exit_code;
    ContainerState next;
  };
  for (const auto& [policy, exit_code, next] :
       {Case{RestartPolicy::Always, 0, Starting}, Case{RestartPolicy::Always, 1, Starting},
        Case{RestartPolicy::OnFailure, 0, Completed}, Case{RestartPolicy::OnFailure, 143, Starting},
        Case{RestartPolicy::Never, 0, Completed}, Case{RestartPolicy::Never, 2, Failed}}) {
    const Container container = running(policy).on(event::Exited{exit_code});
    EXPECT_EQ(container.status.state, next) << exit_code;
    if (is_final(next)) {
      EXPECT_EQ(words(container.actions), "Record, Reap");
    }
  }
}

// ---- stopping ----

TEST(Lifecycle, AStopKillsWhenItsGracePeriodEnds) {
  Container container = running().on(event::Stop{30s});
  EXPECT_EQ(words(container.actions), "Record, Terminate, Arm");
  EXPECT_EQ(armed(container).due, container.now + 30s);
  container.fire();
  EXPECT_EQ(words(container.actions), "Record, Kill");
  EXPECT_EQ(container.status.state, Killing);
  container.on(event::Exited{137});
  EXPECT_EQ(container.status.state, Failed);
}

TEST(Lifecycle, AStoppedContainerIsNotRestarted) {
  EXPECT_EQ(running().on(event::Stop{30s}).on(event::Exited{0}).status.state, Completed);
  EXPECT_EQ(running().on(event::Stop{30s}).on(event::Exited{143}).status.state, Failed);
}

TEST(Lifecycle, AGraceIsAtLeastTwoSeconds) {
  EXPECT_EQ(armed(running().on(event::Stop{1ns})).due, 1h + 10ms + 2s);
}

TEST(Lifecycle, NoGraceKillsAtOnce) {
  const Container container = running().on(event::Stop{0s});
  EXPECT_EQ(container.status.state, Killing);
  EXPECT_EQ(words(container.actions), "Record, Kill");
}

TEST(Lifecycle, AGraceOfCenturiesDoesNotOverflow) {
  EXPECT_GT(armed(running().on(event::Stop{std::chrono::nanoseconds::max()})).due, 1h);
}

TEST(Lifecycle, AStopBeforeTheExecSendsSigtermOnceTheExecSucceeds) {
  Container container;
  container.on(event::Start{}).on(event::Stop{30s});
  EXPECT_EQ(words(container.actions), "Record, Arm") << "PID 1 without a handler would ignore the signal";
  const action::Arm arm = armed(container);
  container.after(5ms).on(event::ExecOk{});
  EXPECT_EQ(container.status.state, Stopping);
  EXPECT_EQ(words(container.actions), "Record, Terminate");
  EXPECT_EQ(container.status.deadline, arm.due);
  EXPECT_EQ(container.status.generation, arm.generation) << "the timer armed at the stop is still the one";
}

TEST(Lifecycle, AStopKillsAHangingExecAtItsDeadline) {
  Container container;
  container.on(event::Start{}).on(event::Stop{30s}).fire();
  EXPECT_EQ(words(container.actions), "Record, Kill");
  EXPECT_EQ(container.on(event::Exited{137}).status.state, Failed);
}

TEST(Lifecycle, AnExecThatFailsDuringAStopIsAFinalStartError) {
  Container container;
  container.on(event::Start{}).on(event::Stop{30s}).on(event::ExecFailed{"why"}).on(event::Exited{125});
  EXPECT_EQ(container.status.state, Failed);
  EXPECT_EQ(container.status.last->reason, "StartError");
}

TEST(Lifecycle, AnExecReportedAfterAKillStillCounts) {
  Container container;
  container.on(event::Start{}).on(event::Stop{0s}).on(event::ExecOk{}).on(event::Exited{137});
  EXPECT_TRUE(container.status.ever_started);
  EXPECT_EQ(container.status.last->started, container.now);
}

TEST(Lifecycle, ASecondStopWithoutGracePeriodKills) {
  Container container = running().on(event::Stop{30s}).after(1s).on(event::Stop{0s});
  EXPECT_EQ(words(container.actions), "Record, Kill");
  EXPECT_EQ(step({}, container.status, event::Stop{0s}, container.now).cell, TableCell::Ignored);
}

TEST(Lifecycle, TheEarlierOfTwoStopDeadlinesApplies) {
  Container container = running().on(event::Stop{30s});
  EXPECT_EQ(step({}, container.status, event::Stop{60s}, container.now).cell, TableCell::Ignored);
  container.on(event::Stop{10s});
  EXPECT_EQ(words(container.actions), "Record, Arm");
  EXPECT_EQ(container.status.deadline, container.now + 10s);
}

TEST(Lifecycle, AContainerStoppedInBackoffEndsAsItsLastInstanceDid) {
  for (const int exit_code : {0, 1}) {
    Container container = running().on(event::Exited{1}).on(event::ExecOk{}).on(event::Exited{exit_code});
    const std::uint64_t generation = container.status.generation;
    container.on(event::Stop{30s});
    EXPECT_EQ(container.status.state, exit_code == 0 ? Completed : Failed);
    EXPECT_EQ(container.status.deadline, std::nullopt);
    EXPECT_EQ(step({}, container.status, event::Timer{generation}, container.now).cell, TableCell::Ignored);
  }
}

TEST(Lifecycle, AContainerStoppedBeforeItRanHasFailed) {
  Container container;
  container.on(event::Stop{30s});
  EXPECT_EQ(container.status.state, Failed);
  EXPECT_EQ(container.status.last, std::nullopt);
  EXPECT_TRUE(container.status.first_attempt_settled) << "nobody shall wait for it";
}

// ---- health ----

TEST(Lifecycle, AnUnhealthyContainerIsStoppedAndRestarted) {
  Container container = running().on(event::Unhealthy{30s});
  EXPECT_EQ(container.status.state, Stopping);
  EXPECT_EQ(words(container.actions), "Record, Terminate, Arm");
  container.fire().on(event::Exited{137});
  EXPECT_EQ(words(container.actions), "Record, Reap, Launch 1");
}

TEST(Lifecycle, OnFailureRestartsAnUnhealthyContainerThatExitsWithZero) {
  EXPECT_EQ(running(RestartPolicy::OnFailure).on(event::Unhealthy{30s}).on(event::Exited{0}).status.state,
            Starting);
  EXPECT_EQ(running(RestartPolicy::Never).on(event::Unhealthy{30s}).on(event::Exited{0}).status.state,
            Completed);
}

TEST(Lifecycle, AStopPreventsTheRestartOfAnUnhealthyContainer) {
  EXPECT_EQ(running().on(event::Unhealthy{30s}).on(event::Stop{60s}).on(event::Exited{0}).status.state,
            Completed);
  EXPECT_EQ(running().on(event::Unhealthy{0s}).on(event::Stop{60s}).on(event::Exited{137}).status.state,
            Failed);
}

// ---- cannot happen ----

TEST(Lifecycle, ExitDuringBackoffCannotHappen) {
  const Container container = running().on(event::Exited{1}).on(event::ExecOk{}).on(event::Exited{1});
  EXPECT_EQ(step({}, container.status, event::Exited{1}, container.now).cell, TableCell::CannotHappen);
}

}  // namespace
}  // namespace podrun::supervisor
