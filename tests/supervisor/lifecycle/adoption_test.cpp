// What a new supervisor does for each combination of the state file and the register of the pause.
#include "supervisor/lifecycle/adoption.hpp"

#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;
using Exec = Registered::Exec;

constexpr BootTime now = 2h;

/// A container in its fourth instance, as in the state file.
ContainerStatus in(ContainerState state) {
  ContainerStatus status = launched({}, 3);
  status.state = state;
  status.timers[TimerName::Backoff].generation = 7;
  status.timers[TimerName::Grace].generation = 5;
  status.backoff = {.delay = 20s, .last_restart = now - 60s};
  status.ever_started = status.first_attempt_settled = true;
  status.last = Termination{.exit_code = 1, .reason = "Error", .started = now - 99s, .finished = now - 80s};
  if (state == Running || state == Stopping || state == Killing) status.started = now - 59s;
  if (state == Stopping || state == Killing) status.stop_requested = true;
  if (state == Stopping) status.timers[TimerName::Grace].due = now + 15s;
  if (state == Backoff) status.timers[TimerName::Backoff].due = now + 15s;
  return status;
}

Registered child(int instance, Exec exec, std::optional<int> exit_code = {}) {
  return {.instance = instance, .exec = exec, .start_error = "step 14", .exit_code = exit_code};
}

Adopted adopt(const ContainerStatus& status, const std::optional<Registered>& registered) {
  return reconcile({}, status, registered, now);
}

const action::Arm& armed(const Adopted& adopted) {
  return std::get<action::Arm>(adopted.actions.back());
}

TEST(Adoption, AContainerStillRunningNeedsNoAction) {
  const Adopted adopted = adopt(in(Running), child(3, Exec::Succeeded));
  EXPECT_EQ(adopted.next, in(Running));
  EXPECT_EQ(words(adopted.actions), "");
}

TEST(Adoption, AWaitingContainerIsLeftToThePodsDecisions) {
  const Adopted adopted = adopt({}, std::nullopt);
  EXPECT_EQ(adopted.next, ContainerStatus{});
  EXPECT_EQ(words(adopted.actions), "");
}

TEST(Adoption, AZombieWithoutARecordedExitIsHandledAsAnExit) {
  const Adopted adopted = adopt(in(Running), child(3, Exec::Succeeded, 143));
  EXPECT_EQ(adopted.next.state, Backoff);
  EXPECT_EQ(adopted.next.last->exit_code, 143);
  EXPECT_EQ(adopted.next.timers[TimerName::Backoff].due, now + 40s);
  EXPECT_EQ(words(adopted.actions), "Record, Reap, Arm Backoff");
}

TEST(Adoption, AZombieWithARecordedExitIsOnlyReaped) {
  const Adopted waiting = adopt(in(Backoff), child(3, Exec::Succeeded, 1));
  EXPECT_EQ(words(waiting.actions), "Reap, Arm Backoff");
  EXPECT_EQ(waiting.next.last, in(Backoff).last);
  const Adopted ended = adopt(in(Failed), child(3, Exec::Succeeded, 1));
  EXPECT_EQ(words(ended.actions), "Reap");
  EXPECT_EQ(ended.next, in(Failed));
}

TEST(Adoption, ABackoffTimerIsRearmedWithTheSameDeadline) {
  const Adopted adopted = adopt(in(Backoff), std::nullopt);
  EXPECT_EQ(words(adopted.actions), "Arm Backoff");
  EXPECT_EQ(armed(adopted).due, now + 15s);
  EXPECT_EQ(armed(adopted).generation, 8U);
  EXPECT_EQ(adopted.next.timers[TimerName::Backoff], (Timer{.generation = 8, .due = now + 15s}));
  EXPECT_EQ(adopted.next.timers[TimerName::Grace], in(Backoff).timers[TimerName::Grace]);
}

TEST(Adoption, ABackoffDeadlineInThePastIsKept) {
  ContainerStatus status = in(Backoff);
  status.timers[TimerName::Backoff].due = now - 1h;
  EXPECT_EQ(adopt(status, std::nullopt).next, status);
  EXPECT_EQ(words(adopt(status, std::nullopt).actions), "") << "what is due needs no timer";
}

TEST(Adoption, ALaunchFoundOnlyInTheRegisterIsTheCurrentInstance) {
  const Adopted starting = adopt(in(Backoff), child(4, Exec::Pending));
  EXPECT_EQ(starting.next.state, Starting);
  EXPECT_EQ(starting.next.restart_count, 4);
  EXPECT_EQ(words(starting.actions), "") << "the timer that launched it is done";
  const Adopted running = adopt(in(Backoff), child(4, Exec::Succeeded));
  EXPECT_EQ(running.next.state, Running);
  EXPECT_EQ(words(running.actions), "Record");
  EXPECT_EQ(adopt({}, child(0, Exec::Succeeded)).next.state, Running);
}

TEST(Adoption, AnUnrecordedLaunchThatHasExitedIsCountedOnce) {
  const Adopted adopted = adopt(in(Backoff), child(4, Exec::Succeeded, 2));
  EXPECT_EQ(adopted.next.state, Backoff);
  EXPECT_EQ(adopted.next.instance, 4);
  EXPECT_EQ(adopted.next.last->exit_code, 2);
  EXPECT_EQ(words(adopted.actions), "Record, Record, Reap, Arm Backoff");
}

/// A container whose instance of that number never ran and is due again.
ContainerStatus due_again(int instance) {
  ContainerStatus status = launched(in(Starting), instance);
  status.state = Backoff;
  status.timers.set(TimerName::Backoff, now);
  status.never_ran = true;
  return status;
}

TEST(Adoption, AnUnregisteredInstanceIsDueAgain) {
  EXPECT_EQ(adopt(in(Starting), std::nullopt).next, due_again(3));
}

TEST(Adoption, AnInstanceThatDiedAtItsGateIsReapedAndDueAgain) {
  const Adopted adopted = adopt(in(Starting), child(3, Exec::AtGate, 125));
  EXPECT_EQ(adopted.next, due_again(3));
  EXPECT_EQ(words(adopted.actions), "Reap");
  EXPECT_EQ(adopt(in(Backoff), child(4, Exec::AtGate, 125)).next.timers[TimerName::Backoff].due, now);
}

TEST(Adoption, AnInstanceThatNeverRanIsLaunchedUnderItsOwnNumber) {
  const ContainerStatus due = due_again(3);
  const event::Timer backoff{TimerName::Backoff, due.timers[TimerName::Backoff].generation};
  const Transition again = step({}, due, backoff, now);
  EXPECT_EQ(words(again.actions), "Launch 3");
  EXPECT_FALSE(again.next.never_ran);
}

TEST(Adoption, AnInstanceStillInSetUpIsLeftAlone) {
  const Adopted adopted = adopt(in(Starting), child(3, Exec::AtGate));
  EXPECT_EQ(adopted.next, in(Starting));
  EXPECT_EQ(words(adopted.actions), "");
}

TEST(Adoption, AZombieIsReapedBeforeItsSuccessorIsLaunched) {
  const Adopted adopted = adopt(in(Starting), child(2, Exec::Succeeded, 1));
  EXPECT_EQ(words(adopted.actions), "Reap");
  EXPECT_EQ(adopted.next, due_again(3));
}

TEST(Adoption, AStartErrorInTheRegisterReachesTheNextSupervisor) {
  const Adopted alive = adopt(in(Starting), child(3, Exec::Failed));
  EXPECT_EQ(alive.next.pending_start_error->message, "step 14");
  const Adopted dead = adopt(in(Starting), child(3, Exec::Failed, 125));
  EXPECT_EQ(dead.next.last->exit_code, 128);
  EXPECT_EQ(dead.next.last->message, "step 14");
}

TEST(Adoption, AStopInProgressIsContinued) {
  const Adopted adopted = adopt(in(Stopping), child(3, Exec::Succeeded));
  EXPECT_EQ(words(adopted.actions), "Terminate, Record, Arm Grace") << "the last one died before its TERM";
  EXPECT_EQ(armed(adopted).due, now + 15s);
  EXPECT_EQ(words(adopt(in(Killing), child(3, Exec::Succeeded)).actions), "Kill");
  EXPECT_EQ(adopt(in(Killing), child(3, Exec::Succeeded)).next, in(Killing));
  EXPECT_EQ(words(adopt(in(Stopping), child(3, Exec::Succeeded, 0)).actions), "Record, Reap");
}

TEST(Adoption, AHookRunsOnceWhereverTheLastSupervisorDied) {
  ContainerPolicy policy;
  policy.hooks[pod::HookKind::PreStop] = HookPolicy{};
  ContainerStatus due = in(Stopping);
  due.pre_stop = HookStage::Running;
  Registered registered = child(3, Exec::Succeeded);
  EXPECT_EQ(words(reconcile(policy, due, registered, now).actions), "RunHook preStop, Record, Arm Grace")
      << "it died before";
  ContainerStatus begun = due;
  begun.hook_begun[pod::HookKind::PreStop] = true;
  EXPECT_EQ(words(reconcile(policy, begun, registered, now).actions), "Record, Terminate, Record, Arm Grace")
      << "it died at its end";
  registered.hooks[pod::HookKind::PreStop] = Registered::Hook::Found;
  EXPECT_EQ(words(reconcile(policy, due, registered, now).actions), "Record, Arm Grace");
  EXPECT_EQ(words(reconcile(policy, begun, registered, now).actions), "Arm Grace") << "it runs";
}

TEST(Adoption, AnInstanceAlreadySentSigtermGetsNoSecondOne) {
  Registered sent = child(3, Exec::Succeeded);
  sent.terminated = true;
  const Adopted adopted = adopt(in(Stopping), sent);
  EXPECT_EQ(words(adopted.actions), "Record, Arm Grace") << "the last one died before that was on record";
  EXPECT_TRUE(adopted.next.signalled);
  EXPECT_EQ(armed(adopted).due, now + 15s);
  ContainerStatus known = in(Stopping);
  known.signalled = true;
  EXPECT_EQ(words(adopt(known, sent).actions), "Arm Grace");
  EXPECT_EQ(words(adopt(in(Killing), sent).actions), "Record, Kill") << "a kill may come again";
  ContainerStatus starting = in(Starting);
  starting.stop_requested = true;
  starting.timers[TimerName::Grace].due = now + 15s;
  EXPECT_EQ(words(adopt(starting, sent).actions), "Record, Record, Arm Grace")
      << "the exec was heard, but not put on record";
}

TEST(Adoption, AStopBeforeTheExecKeepsItsDeadline) {
  ContainerStatus status = in(Starting);
  status.stop_requested = true;
  status.timers[TimerName::Grace].due = now + 15s;
  EXPECT_EQ(words(adopt(status, child(3, Exec::Pending)).actions), "Arm Grace");
  EXPECT_EQ(words(adopt(status, child(3, Exec::Succeeded)).actions), "Record, Terminate, Record, Arm Grace");
}

TEST(Adoption, AnInstanceThatNeverRanIsNotLaunchedIntoAStop) {
  ContainerStatus status = in(Starting);
  status.stop_requested = true;
  for (const auto& registered : {std::optional<Registered>{}, std::optional(child(3, Exec::AtGate, 125))}) {
    const Adopted adopted = adopt(status, registered);
    EXPECT_EQ(adopted.next.state, Failed);
    EXPECT_EQ(adopted.next.last->reason, "StartError");
  }
}

TEST(Adoption, AMissingProcessCountsAsKilled) {
  EXPECT_EQ(adopt(in(Running), std::nullopt).next.last->exit_code, 137);
  EXPECT_EQ(adopt(in(Stopping), std::nullopt).next.state, Failed);
}

TEST(Adoption, AdoptingTwiceChangesNothing) {
  for (const ContainerState state : {Running, Stopping, Killing}) {
    const Adopted once = adopt(in(state), child(3, Exec::Succeeded));
    ContainerStatus twice = adopt(once.next, child(3, Exec::Succeeded)).next;
    twice.timers = once.next.timers;
    EXPECT_EQ(twice, once.next) << state;
  }
}

}  // namespace
}  // namespace podrun::supervisor
