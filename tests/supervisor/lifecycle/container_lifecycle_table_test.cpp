// Every cell of the container table: 8 states × 13 columns.
#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {
namespace {

constexpr BootTime now = 1h;

/// A container in each state, both its timers armed, with different generations.
ContainerStatus in(ContainerState state) {
  ContainerStatus status;
  status.state = state;
  if (state == ContainerState::Waiting) return status;
  status.instance = 2;
  status.restart_count = 2;
  status.timers[TimerName::Backoff] = {.generation = 7, .due = now + 100s};
  status.timers[TimerName::Grace] = {.generation = 5, .due = now + 90s};
  status.timers[TimerName::Hook] = {.generation = 3, .due = now + 80s};
  status.started = is_alive(state) && state != ContainerState::Starting ? now - 5s : 0s;
  status.backoff = {.delay = 10s, .last_restart = now - 5s};
  status.last = Termination{.exit_code = 1, .reason = "Error", .started = now - 20s, .finished = now - 15s};
  status.is_started = status.started != BootTime{0};
  if (status.is_started) status.post_start = HookStage::Running;
  status.signalled = state == ContainerState::Stopping;
  status.probing[pod::ProbeKind::Liveness] = state == ContainerState::Running;
  return status;
}

/// With a liveness probe.
ContainerPolicy policy() {
  ContainerPolicy policy;
  policy.probes[pod::ProbeKind::Liveness] = ProbePolicy{};
  return policy;
}

struct Expected {
  TableCell cell;
  ContainerState next;
  std::string actions;
};

std::array<Event, table_columns> events() {
  return {event::Start{},
          event::ExecOk{},
          event::ExecFailed{"why"},
          event::Exited{1},
          event::NeverRan{},
          event::Stop{30s},
          event::OwnerEnded{},
          event::RestartAll{},
          event::ProbeResult{.instance = 2, .kind = pod::ProbeKind::Liveness, .succeeded = false},
          event::HookEnded{.instance = 2, .kind = pod::HookKind::PostStart, .succeeded = false},
          event::Timer{TimerName::Backoff, 7},
          event::Timer{TimerName::Grace, 5},
          event::Timer{TimerName::Hook, 3}};
}

void expect_row(ContainerState state, const std::array<Expected, table_columns>& row) {
  for (std::size_t i = 0; i < table_columns; ++i) {
    const ContainerStatus before = in(state);
    const Transition made = step(policy(), before, events()[i], now);
    SCOPED_TRACE(std::string(to_string(state)) + " × event " + std::to_string(i));
    EXPECT_EQ(made.cell, row[i].cell);
    EXPECT_EQ(made.next.state, row[i].next);
    EXPECT_EQ(words(made.actions), row[i].actions);
    if (row[i].cell != TableCell::Acts) {
      EXPECT_EQ(made.next, before);
    }
  }
}

using enum ContainerState;

Expected acts(ContainerState next, std::string actions) {
  return {TableCell::Acts, next, std::move(actions)};
}
Expected ignored(ContainerState same) {
  return {TableCell::Ignored, same, ""};
}
Expected cannot(ContainerState same) {
  return {TableCell::CannotHappen, same, ""};
}

TEST(LifecycleTable, AWaitingContainerIsStartedOrStopped) {
  expect_row(Waiting, {acts(Starting, "Launch 0"), cannot(Waiting), cannot(Waiting), cannot(Waiting), cannot(Waiting),
                       acts(Failed, "Record"), cannot(Waiting), ignored(Waiting), ignored(Waiting), ignored(Waiting),
                       ignored(Waiting), ignored(Waiting), ignored(Waiting)});
}

TEST(LifecycleTable, AStartingContainerHandlesTheResultOfItsExec) {
  expect_row(Starting, {cannot(Starting), acts(Running, "Record, StartProbe liveness"), acts(Starting, ""),
                        acts(Backoff, "Record, Reap, Arm Backoff"), acts(Backoff, "Reap"),
                        acts(Starting, "Record, Arm Grace"), acts(Killing, "Record, Kill"),
                        acts(Killing, "Record, Kill"), ignored(Starting), ignored(Starting), ignored(Starting),
                        acts(Killing, "Record, Kill"), ignored(Starting)});
}

TEST(LifecycleTable, ARunningContainerExitsOrIsStopped) {
  expect_row(Running, {cannot(Running), cannot(Running), cannot(Running),
                       acts(Backoff, "StopProbe liveness, Record, Reap, Arm Backoff"), cannot(Running),
                       acts(Stopping, "StopProbe liveness, Record, Terminate, Record, Arm Grace"),
                       acts(Killing, "StopProbe liveness, Record, Kill"),
                       acts(Killing, "StopProbe liveness, Record, Kill"),
                       acts(Stopping, "StopProbe liveness, Record, Terminate, Record, Arm Grace"),
                       acts(Stopping, "StopProbe liveness, Record, Terminate, Record, Arm Grace"), ignored(Running),
                       ignored(Running), acts(Running, "Record")});
}

TEST(LifecycleTable, AStoppingContainerExitsOrIsKilled) {
  expect_row(Stopping, {cannot(Stopping), cannot(Stopping), cannot(Stopping),
                        acts(Backoff, "Record, Reap, Arm Backoff"), cannot(Stopping),
                        acts(Stopping, "Record, Arm Grace"), acts(Killing, "Record, Kill"),
                        acts(Killing, "Record, Kill"), ignored(Stopping), acts(Stopping, "Record"), ignored(Stopping),
                        acts(Killing, "Record, Kill"), acts(Stopping, "Record")});
}

TEST(LifecycleTable, AKilledContainerWaitsOnlyForItsExit) {
  expect_row(Killing, {cannot(Killing), acts(Killing, ""), acts(Killing, ""),
                       acts(Backoff, "Record, Reap, Arm Backoff"), acts(Backoff, "Record, Reap, Arm Backoff"),
                       acts(Killing, "Record"), ignored(Killing), acts(Killing, ""), ignored(Killing),
                       ignored(Killing), ignored(Killing), ignored(Killing), ignored(Killing)});
}

TEST(LifecycleTable, AContainerInBackoffWaitsForItsTimer) {
  expect_row(Backoff, {cannot(Backoff), cannot(Backoff), cannot(Backoff), cannot(Backoff), cannot(Backoff),
                       acts(Failed, "Record"), cannot(Backoff), acts(Waiting, ""), ignored(Backoff), ignored(Backoff),
                       acts(Starting, "Launch 3"), ignored(Backoff), ignored(Backoff)});
}

TEST(LifecycleTable, ACompletedContainerStaysCompletedUnlessAllStartAnew) {
  expect_row(Completed, {cannot(Completed), cannot(Completed), cannot(Completed), cannot(Completed),
                         cannot(Completed), ignored(Completed), cannot(Completed), acts(Waiting, ""),
                         ignored(Completed), ignored(Completed), ignored(Completed), ignored(Completed),
                         ignored(Completed)});
}

TEST(LifecycleTable, AFailedContainerStaysFailedUnlessAllStartAnew) {
  expect_row(Failed, {cannot(Failed), cannot(Failed), cannot(Failed), cannot(Failed), cannot(Failed), ignored(Failed),
                      cannot(Failed), acts(Waiting, ""), ignored(Failed), ignored(Failed), ignored(Failed),
                      ignored(Failed), ignored(Failed)});
}

TEST(LifecycleTable, AnOutdatedTimerIsIgnoredInEveryState) {
  for (std::size_t i = 0; i < container_states; ++i) {
    const ContainerStatus status = in(static_cast<ContainerState>(i));
    for (const TimerName name : {TimerName::Backoff, TimerName::Grace})
      for (const std::uint64_t generation : {0, 4, 5, 6, 7, 8}) {
        if (generation == status.timers[name].generation) continue;
        const Transition made = step({}, status, event::Timer{name, generation}, now);
        EXPECT_EQ(made.cell, TableCell::Ignored) << status.state << " × " << name << " " << generation;
        EXPECT_EQ(made.next, status);
        EXPECT_TRUE(made.actions.empty());
      }
  }
}

TEST(LifecycleTable, ATimerThatFiresTwiceActsOnce) {
  for (const auto& [state, timer] : {std::pair{Starting, event::Timer{TimerName::Grace, 5}},
                                     std::pair{Stopping, event::Timer{TimerName::Grace, 5}},
                                     std::pair{Backoff, event::Timer{TimerName::Backoff, 7}}}) {
    const Transition first = step({}, in(state), timer, now);
    EXPECT_EQ(first.cell, TableCell::Acts) << state;
    EXPECT_EQ(step({}, first.next, timer, now).cell, TableCell::Ignored) << state;
  }
}

TEST(LifecycleTable, ATimerOfThePodCannotHappenToAContainer) {
  EXPECT_EQ(step({}, in(Running), event::Timer{TimerName::Deadline, 0}, now).cell, TableCell::CannotHappen);
}

TEST(LifecycleTable, TheNameOfAStateIsThatOfItsEnumerator) {
  const std::vector<std::pair<ContainerState, std::string_view>> names{
      {Waiting, "Waiting"}, {Starting, "Starting"}, {Running, "Running"},     {Stopping, "Stopping"},
      {Killing, "Killing"}, {Backoff, "Backoff"},   {Completed, "Completed"}, {Failed, "Failed"}};
  ASSERT_EQ(names.size(), container_states);
  for (const auto& [state, name] : names) EXPECT_EQ(to_string(state), name);
}

}  // namespace
}  // namespace podrun::supervisor
