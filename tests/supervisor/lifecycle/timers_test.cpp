// Timers by name: what happens to one touches no other.
#include "supervisor/lifecycle/timers.hpp"

#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/driven_container.hpp"

namespace podrun::supervisor {
namespace {

TEST(Timers, OnlyTheLastFiringOfATimerThatRunsIsCurrent) {
  Timers timers;
  EXPECT_FALSE(timers.is_current(TimerName::Grace, 0)) << "it does not run";
  timers.set(TimerName::Grace, 10s);
  const std::uint64_t first = timers[TimerName::Grace].generation;
  EXPECT_TRUE(timers.is_current(TimerName::Grace, first));
  timers.set(TimerName::Grace, 5s);
  EXPECT_FALSE(timers.is_current(TimerName::Grace, first));
  EXPECT_TRUE(timers.is_current(TimerName::Grace, timers[TimerName::Grace].generation));
}

TEST(Timers, AFiringOfACancelledTimerIsOutdated) {
  Timers timers;
  timers.set(TimerName::Backoff, 10s);
  const std::uint64_t armed = timers[TimerName::Backoff].generation;
  timers.cancel(TimerName::Backoff);
  EXPECT_FALSE(timers.is_current(TimerName::Backoff, armed));
  timers[TimerName::Backoff].due = 10s;
  EXPECT_FALSE(timers.is_current(TimerName::Backoff, armed)) << "also when it runs again";
}

TEST(Timers, EachNameHasItsOwnTimeAndGeneration) {
  Timers timers;
  timers.set(TimerName::Backoff, 10s);
  const Timer backoff = timers[TimerName::Backoff];
  timers.set(TimerName::Grace, 20s);
  timers.set(TimerName::Grace, 30s);
  timers.cancel(TimerName::Grace);
  EXPECT_EQ(timers[TimerName::Backoff], backoff);
  EXPECT_EQ(timers[TimerName::Deadline], Timer{});
  timers.cancel_all();
  EXPECT_EQ(timers[TimerName::Backoff].due, std::nullopt);
}

TEST(Timers, TheGraceOfAnEarlierInstanceDoesNotKillALaterOne) {
  Container container = running().fail_liveness(30s);
  const event::Timer outdated{TimerName::Grace, armed(container).generation};
  container.on(event::Exited{143}).on(event::ExecOk{}).fail_liveness(60s);
  ASSERT_EQ(container.status.instance, 1);
  EXPECT_EQ(step({}, container.status, outdated, container.now + 30s).cell, TableCell::Ignored);
  container.fire(TimerName::Grace);
  EXPECT_EQ(words(container.actions), "Record, Kill");
}

TEST(Timers, TheBackoffOfAnEarlierInstanceDoesNotStartALaterOneSooner) {
  Container container = running().on(event::Exited{1}).on(event::ExecOk{}).on(event::Exited{1});
  const event::Timer outdated{TimerName::Backoff, armed(container).generation};
  container.fire(TimerName::Backoff).on(event::ExecOk{}).on(event::Exited{1});
  ASSERT_EQ(container.status.state, ContainerState::Backoff);
  EXPECT_EQ(step({}, container.status, outdated, container.now).cell, TableCell::Ignored);
}

}  // namespace
}  // namespace podrun::supervisor
