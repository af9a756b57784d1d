// When the attempts of a probe begin.
#include <gtest/gtest.h>

#include "supervisor/health/probe_schedule.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime origin{100s};

TEST(ProbeSchedule, TheFirstAttemptIsDueAtItsInstant) {
  EXPECT_EQ(ProbeSchedule(origin + 3s, 10s).due(), origin + 3s);
}

TEST(ProbeSchedule, EachOtherAttemptIsDueAPeriodAfterTheLastOneWasDue) {
  ProbeSchedule schedule(origin, 10s);
  schedule.attempted(origin + 700ms);
  EXPECT_EQ(schedule.due(), origin + 10s) << "not a period after its end";
  schedule.attempted(origin + 10s + 20ms);
  EXPECT_EQ(schedule.due(), origin + 20s);
}

TEST(ProbeSchedule, OneOfTheMissedAttemptsIsMadeUpFor) {
  ProbeSchedule schedule(origin, 1s);
  schedule.attempted(origin + 3500ms);
  EXPECT_EQ(schedule.due(), origin + 3s) << "that is past: it begins at once";
  schedule.attempted(origin + 3600ms);
  EXPECT_EQ(schedule.due(), origin + 4s) << "and the times of the others have not moved";
}

}  // namespace
}  // namespace podrun::supervisor
