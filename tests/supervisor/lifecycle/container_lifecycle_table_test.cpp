// Every cell of the container table: 8 states × 9 events.
#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {
namespace {

constexpr BootTime now = 1h;

/// A container in each state, its timer armed with generation 7 where it has one.
ContainerStatus in(ContainerState state) {
  ContainerStatus status;
  status.state = state;
  if (state == ContainerState::Waiting) return status;
  status.instance = 2;
  status.restart_count = 2;
  status.generation = 7;
  status.deadline = now + 100s;
  status.started = is_alive(state) && state != ContainerState::Starting ? now - 5s : 0s;
  status.backoff = {.delay = 10s, .last_restart = now - 5s};
  status.last = Termination{.exit_code = 1, .reason = "Error", .started = now - 20s, .finished = now - 15s};
  return status;
}

struct Expected {
  TableCell cell;
  ContainerState next;
  std::string actions;
};

std::array<Event, container_events> events() {
  return {event::Start{},  event::ExecOk{},  event::ExecFailed{"why"}, event::Exited{1},   event::NeverRan{},
          event::Timer{7}, event::Stop{30s}, event::Unhealthy{30s},    event::OwnerEnded{}};
}

void expect_row(ContainerState state, const std::array<Expected, container_events>& row) {
  for (std::size_t i = 0; i < container_events; ++i) {
    const ContainerStatus before = in(state);
    const Transition made = step({}, before, events()[i], now);
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
  expect_row(Waiting, {acts(Starting, "Launch 0"), cannot(Waiting), cannot(Waiting), cannot(Waiting),
                       cannot(Waiting), ignored(Waiting), acts(Failed, "Record"), cannot(Waiting), cannot(Waiting)});
}

TEST(LifecycleTable, AStartingContainerHandlesTheResultOfItsExec) {
  expect_row(Starting, {cannot(Starting), acts(Running, "Record"), acts(Starting, ""),
                        acts(Backoff, "Record, Reap, Arm"), acts(Backoff, "Reap"), acts(Killing, "Record, Kill"),
                        acts(Starting, "Record, Arm"), ignored(Starting), acts(Killing, "Record, Kill")});
}

TEST(LifecycleTable, ARunningContainerExitsOrIsStopped) {
  expect_row(Running, {cannot(Running), cannot(Running), cannot(Running), acts(Backoff, "Record, Reap, Arm"),
                       cannot(Running), ignored(Running), acts(Stopping, "Record, Terminate, Arm"),
                       acts(Stopping, "Record, Terminate, Arm"), acts(Killing, "Record, Kill")});
}

TEST(LifecycleTable, AStoppingContainerExitsOrIsKilled) {
  expect_row(Stopping,
             {cannot(Stopping), cannot(Stopping), cannot(Stopping), acts(Backoff, "Record, Reap, Arm"),
              cannot(Stopping), acts(Killing, "Record, Kill"), acts(Stopping, "Record, Arm"), ignored(Stopping),
              acts(Killing, "Record, Kill")});
}

TEST(LifecycleTable, AKilledContainerWaitsOnlyForItsExit) {
  expect_row(Killing,
             {cannot(Killing), acts(Killing, ""), acts(Killing, ""), acts(Backoff, "Record, Reap, Arm"),
              acts(Backoff, "Record, Reap, Arm"), ignored(Killing), acts(Killing, "Record"), ignored(Killing),
              ignored(Killing)});
}

TEST(LifecycleTable, AContainerInBackoffWaitsForItsTimer) {
  expect_row(Backoff, {cannot(Backoff), cannot(Backoff), cannot(Backoff), cannot(Backoff), cannot(Backoff),
                       acts(Starting, "Launch 3"), acts(Failed, "Record"), ignored(Backoff), cannot(Backoff)});
}

TEST(LifecycleTable, ACompletedContainerStaysCompleted) {
  expect_row(Completed, {cannot(Completed), cannot(Completed), cannot(Completed), cannot(Completed),
                         cannot(Completed), ignored(Completed), ignored(Completed), ignored(Completed),
                         cannot(Completed)});
}

TEST(LifecycleTable, AFailedContainerStaysFailed) {
  expect_row(Failed, {cannot(Failed), cannot(Failed), cannot(Failed), cannot(Failed), cannot(Failed), ignored(Failed),
                      ignored(Failed), ignored(Failed), cannot(Failed)});
}

TEST(LifecycleTable, AStaleTimerIsIgnoredInEveryState) {
  for (std::size_t i = 0; i < container_states; ++i) {
    const ContainerStatus status = in(static_cast<ContainerState>(i));
    for (const std::uint64_t generation : {0, 6, 8}) {
      if (generation == status.generation) continue;
      const Transition made = step({}, status, event::Timer{generation}, now);
      EXPECT_EQ(made.cell, TableCell::Ignored) << status.state;
      EXPECT_EQ(made.next, status);
      EXPECT_TRUE(made.actions.empty());
    }
  }
}

TEST(LifecycleTable, ATimerThatFiresTwiceActsOnce) {
  for (const ContainerState state : {Starting, Stopping, Backoff}) {
    const Transition first = step({}, in(state), event::Timer{7}, now);
    EXPECT_EQ(first.cell, TableCell::Acts) << state;
    EXPECT_EQ(step({}, first.next, event::Timer{7}, now).cell, TableCell::Ignored) << state;
  }
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
