// The back-off delays, which are those of the kubelet.
#include "supervisor/lifecycle/backoff.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;

constexpr BackoffPolicy kubernetes;

/// The delays of `count` restarts of a container, each instance of which runs for `length`.
std::vector<std::chrono::seconds> delays(const BackoffPolicy& policy, std::chrono::nanoseconds length,
                                         int count) {
  std::vector<std::chrono::seconds> found;
  Backoff backoff;
  BootTime now = 1h;
  for (int i = 0; i < count; ++i) {
    const BootTime finished = now + length;
    const NextRestart next = next_restart(policy, backoff, finished);
    found.push_back(std::chrono::duration_cast<std::chrono::seconds>(next.due - finished));
    backoff = next.backoff;
    now = next.due;
  }
  return found;
}

using Delays = std::vector<std::chrono::seconds>;

TEST(Backoff, TheFirstRestartIsImmediate) {
  const NextRestart next = next_restart(kubernetes, {}, 1h);
  EXPECT_EQ(next.due, 1h);
  EXPECT_EQ(next.backoff, (Backoff{.delay = 0s, .last_restart = 1h}));
}

TEST(Backoff, DelaysDoubleFromTenSecondsToFiveMinutes) {
  EXPECT_EQ(delays(kubernetes, 0s, 10), (Delays{0s, 10s, 20s, 40s, 80s, 160s, 300s, 300s, 300s, 300s}));
}

TEST(Backoff, TheDelayCountsFromTheExitNotFromTheRestartBefore) {
  const NextRestart next = next_restart(kubernetes, {.delay = 20s, .last_restart = 1000s}, 1100s);
  EXPECT_EQ(next.due, 1140s);
}

TEST(Backoff, TheSecondRestartWaitsTenSecondsAfterALongFirstInstance) {
  const NextRestart first = next_restart(kubernetes, {}, 100h);
  EXPECT_EQ(first.due, 100h);
  EXPECT_EQ(next_restart(kubernetes, first.backoff, 100h + 1s).due, 100h + 11s);
}

TEST(Backoff, ATenMinuteInstanceDoesNotResetTheBackoff) {
  EXPECT_EQ(delays(kubernetes, 600s, 8), (Delays{0s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}));
}

TEST(Backoff, AnInstanceLongerThanTenMinutesResetsTheBackoff) {
  EXPECT_EQ(delays(kubernetes, 600s + 1ns, 4), (Delays{0s, 0s, 0s, 0s}));
  const NextRestart next = next_restart(kubernetes, {.delay = 300s, .last_restart = 1000s}, 1601s);
  EXPECT_EQ(next.due, 1601s);
  EXPECT_EQ(next_restart(kubernetes, next.backoff, 1602s).due, 1612s) << "the curve begins again";
}

TEST(Backoff, TheBackoffDelayDoesNotCountAsRunningTime) {
  // The exits are 700 s apart, but the container ran for only 400 s of them, because it was restarted 300 s after the
  // first exit.
  const NextRestart next = next_restart(kubernetes, {.delay = 300s, .last_restart = 1300s}, 1700s);
  EXPECT_EQ(next.due, 2000s);
}

TEST(Backoff, AMaximumBelowTheInitialDelayCapsTheFirstDelay) {
  const BackoffPolicy policy{.initial = 10s, .max = 3s, .reset = 6s};
  EXPECT_EQ(delays(policy, 0s, 4), (Delays{0s, 3s, 3s, 3s}));
}

TEST(Backoff, AMaximumOfACenturyDoesNotOverflow) {
  const auto never = std::chrono::hours(24 * 365 * 100);
  const BackoffPolicy policy{.initial = 10s, .max = never, .reset = never};
  EXPECT_EQ(next_restart(policy, {.delay = never - 1s, .last_restart = 2h}, 3h).backoff.delay, never);
}

}  // namespace
}  // namespace podrun::supervisor
