// Days of crash loops on a virtual clock.
#include <gtest/gtest.h>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {
namespace {

constexpr BootTime boot = 100s;
constexpr auto three_days = std::chrono::hours(72);

/// The instants at which instances are launched, since the start of a container, each instance of which runs for
/// `length`.
std::vector<BootTime> launches(std::chrono::nanoseconds length, int exit_code) {
  std::vector<BootTime> found;
  ContainerStatus status;
  BootTime now = boot;
  Event event = event::Start{};
  while (now < boot + three_days) {
    const Transition made = step({}, status, event, now);
    EXPECT_EQ(made.cell, TableCell::Acts);
    status = made.next;
    for (const Action& action : made.actions)
      if (std::holds_alternative<action::Launch>(action)) found.push_back(now - boot);

    if (status.state == ContainerState::Starting) {
      event = event::ExecOk{};
    } else if (status.state == ContainerState::Running) {
      now += length;
      event = event::Exited{exit_code};
    } else {
      const Timer& backoff = status.timers[TimerName::Backoff];
      now = *backoff.due;
      event = event::Timer{TimerName::Backoff, backoff.generation};
    }
  }
  EXPECT_EQ(status.restart_count + 1, static_cast<int>(found.size()));
  return found;
}

/// The same, computed from the kubelet's delays: each instance runs for its length, then its delay follows. The last
/// delay repeats.
std::vector<BootTime> expected(std::chrono::nanoseconds length, const std::vector<BootTime>& delays) {
  std::vector<BootTime> found{0s};
  for (std::size_t i = 0;; ++i) {
    const BootTime exit = found.back() + length;
    const BootTime next = exit + delays[std::min(i, delays.size() - 1)];
    if (exit >= three_days || next >= three_days) return found;
    found.push_back(next);
  }
}

const std::vector<BootTime> curve{0s, 10s, 20s, 40s, 80s, 160s, 300s};

TEST(LifecycleDays, AContainerThatExitsAtOnceIsRestartedEveryFiveMinutes) {
  const std::vector<BootTime> found = launches(0s, 1);
  EXPECT_EQ(found, expected(0s, curve));
  const std::vector<BootTime> first(found.begin(), found.begin() + 9);
  EXPECT_EQ(first, (std::vector<BootTime>{0s, 0s, 10s, 30s, 70s, 150s, 310s, 610s, 910s}));
  EXPECT_EQ(found.size(), 869U) << "seven on the way up to 310 s, then one each 300 s";
}

TEST(LifecycleDays, ACleanExitIsBackedOffToo) {
  EXPECT_EQ(launches(0s, 0), launches(0s, 1));
}

TEST(LifecycleDays, FiveMinutesOfRunningDoNotResetTheBackoff) {
  const std::vector<BootTime> found = launches(5min, 1);
  EXPECT_EQ(found, expected(5min, curve));
  const std::vector<BootTime> first(found.begin(), found.begin() + 5);
  EXPECT_EQ(first, (std::vector<BootTime>{0s, 300s, 610s, 930s, 1270s}));
  EXPECT_EQ(found[100] - found[99], 10min);
}

TEST(LifecycleDays, ElevenMinutesOfRunningResetTheBackoffEachTime) {
  const std::vector<BootTime> found = launches(11min, 1);
  EXPECT_EQ(found, expected(11min, {0s}));
  EXPECT_EQ(found.size(), 393U) << "72 hours are 392 times 11 minutes and a rest";
}

}  // namespace
}  // namespace podrun::supervisor
