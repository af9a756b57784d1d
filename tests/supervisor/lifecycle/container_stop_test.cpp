// How a container is stopped.
#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/driven_container.hpp"

namespace podrun::supervisor {
namespace {

using enum ContainerState;

TEST(Lifecycle, AStopKillsWhenItsGracePeriodEnds) {
  Container container = running().on(event::Stop{30s});
  EXPECT_EQ(words(container.actions), "Record, Terminate, Record, Arm Grace");
  EXPECT_EQ(armed(container).due, container.now + 30s);
  container.fire(TimerName::Grace);
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
  EXPECT_EQ(words(container.actions), "Record, Arm Grace") << "PID 1 without a handler would ignore the signal";
  const action::Arm arm = armed(container);
  container.after(5ms).on(event::ExecOk{});
  EXPECT_EQ(container.status.state, Stopping);
  EXPECT_EQ(words(container.actions), "Record, Terminate, Record");
  const Timer armed_at_the_stop{.generation = arm.generation, .due = arm.due};
  EXPECT_EQ(container.status.timers[TimerName::Grace], armed_at_the_stop) << "it is still the one";
}

TEST(Lifecycle, AStopKillsAHangingExecAtItsDeadline) {
  Container container;
  container.on(event::Start{}).on(event::Stop{30s}).fire(TimerName::Grace);
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
  EXPECT_EQ(words(container.actions), "Record, Arm Grace");
  EXPECT_EQ(container.status.timers[TimerName::Grace].due, container.now + 10s);
}

TEST(Lifecycle, AContainerStoppedInBackoffEndsAsItsLastInstanceDid) {
  for (const int exit_code : {0, 1}) {
    Container container = running().on(event::Exited{1}).on(event::ExecOk{}).on(event::Exited{exit_code});
    const event::Timer outdated{TimerName::Backoff, container.status.timers[TimerName::Backoff].generation};
    container.on(event::Stop{30s});
    EXPECT_EQ(container.status.state, exit_code == 0 ? Completed : Failed);
    EXPECT_EQ(container.status.timers[TimerName::Backoff].due, std::nullopt);
    EXPECT_EQ(step({}, container.status, outdated, container.now).cell, TableCell::Ignored);
  }
}

TEST(Lifecycle, AContainerStoppedBeforeItRanHasFailed) {
  Container container;
  container.on(event::Stop{30s});
  EXPECT_EQ(container.status.state, Failed);
  EXPECT_EQ(container.status.last, std::nullopt);
  EXPECT_TRUE(container.status.first_attempt_settled) << "nobody shall wait for it";
}

}  // namespace
}  // namespace podrun::supervisor
