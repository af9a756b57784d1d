// What single lives of a container look like: policies, start errors, health.
#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/driven_container.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;
using pod::RestartPolicy;

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

/// restartPolicyRules: the first rule that matches holds; if none does, the container's restart policy.
TEST(Lifecycle, ARestartRuleHoldsBeforeTheRestartPolicy) {
  using Operator = pod::RestartRule::Operator;
  const auto after = [](RestartPolicy policy, const std::vector<pod::RestartRule>& rules, int exit_code) {
    Container container = running(policy);
    container.policy.rules = rules;
    return container.on(event::Exited{exit_code}).status.state;
  };
  EXPECT_EQ(after(RestartPolicy::Never, {{Operator::In, {42}}}, 42), ContainerState::Starting);
  EXPECT_EQ(after(RestartPolicy::Never, {{Operator::In, {42}}}, 1), ContainerState::Failed);
  EXPECT_EQ(after(RestartPolicy::Never, {{Operator::NotIn, {0, 1}}}, 2), ContainerState::Starting);
  EXPECT_EQ(after(RestartPolicy::Never, {{Operator::NotIn, {0, 1}}}, 0), ContainerState::Completed);
  EXPECT_EQ(after(RestartPolicy::Never, {{Operator::In, {1}}, {Operator::In, {0}}}, 0), ContainerState::Starting);
  EXPECT_EQ(after(RestartPolicy::OnFailure, {{Operator::In, {0}}}, 7), ContainerState::Starting) << "by the policy";
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
  EXPECT_EQ(launched(running().on(event::Stop{30s}).status, 1).timers[TimerName::Grace].due, std::nullopt);
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
  EXPECT_EQ(words(container.actions), "Record, Reap, Arm Backoff");
  EXPECT_EQ(armed(container).due, container.now + 10s);
  EXPECT_EQ(container.status.timers[TimerName::Backoff].due, container.now + 10s);
  EXPECT_EQ(container.status.restart_count, 1) << "the restart that is due has not happened";
  container.fire(TimerName::Backoff);
  EXPECT_EQ(words(container.actions), "Launch 2");
  EXPECT_EQ(container.status.restart_count, 2);
}

TEST(Lifecycle, ARestartByALateTimerDoesNotResetTheBackoff) {
  Container container = running().on(event::Exited{1}).on(event::ExecOk{}).on(event::Exited{1});
  container.after(2h).fire(TimerName::Backoff).on(event::ExecOk{}).after(1s).on(event::Exited{1});
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

// ---- health ----

TEST(Lifecycle, AnUnhealthyContainerIsStoppedAndRestarted) {
  Container container = running().fail_liveness(30s);
  EXPECT_EQ(container.status.state, Stopping);
  EXPECT_EQ(words(container.actions), "Record, Terminate, Record, Arm Grace");
  container.fire(TimerName::Grace).on(event::Exited{137});
  EXPECT_EQ(words(container.actions), "Record, Reap, Launch 1");
}

TEST(Lifecycle, OnFailureRestartsAnUnhealthyContainerThatExitsWithZero) {
  EXPECT_EQ(running(RestartPolicy::OnFailure).fail_liveness(30s).on(event::Exited{0}).status.state,
            Starting);
  EXPECT_EQ(running(RestartPolicy::Never).fail_liveness(30s).on(event::Exited{0}).status.state,
            Completed);
}

TEST(Lifecycle, AStopPreventsTheRestartOfAnUnhealthyContainer) {
  EXPECT_EQ(running().fail_liveness(30s).on(event::Stop{60s}).on(event::Exited{0}).status.state,
            Completed);
  EXPECT_EQ(running().on(event::OwnerEnded{}).on(event::Stop{60s}).on(event::Exited{137}).status.state,
            Failed);
}

// ---- cannot happen ----

TEST(Lifecycle, ExitDuringBackoffCannotHappen) {
  const Container container = running().on(event::Exited{1}).on(event::ExecOk{}).on(event::Exited{1});
  EXPECT_EQ(step({}, container.status, event::Exited{1}, container.now).cell, TableCell::CannotHappen);
}

}  // namespace
}  // namespace podrun::supervisor
