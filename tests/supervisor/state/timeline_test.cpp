// The timeline of a pod's start, as `podrun timeline` shows it.
#include "supervisor/state/timeline.hpp"

#include <gtest/gtest.h>

#include "supervisor/core/clock.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;

Timeline example() {
  return {.pod = "default_web",
          .spans = {{"podrun", "load podrun", 1s, 1s + 900us},
                    {"app", "child 1 signals", 1s + 3ms, 1s + 3010us},
                    {"pause", "sandbox 1 namespaces", 1s + 1500us, 1s + 1999600ns}}};
}

TEST(Timeline, SpansAreListedByStartTimeFromTheCommandLineOn) {
  EXPECT_EQ(to_text(example()),
            "AT     TOOK   WHO      WHAT\n"
            "0      900    podrun   load podrun\n"
            "1500   500    pause    sandbox 1 namespaces\n"
            "3000   10     app      child 1 signals\n"
            "\n"
            "3010 µs from the command line until everything ran\n");
}

TEST(Timeline, ATimelineSurvivesSerialization) {
  const auto again = parse_timeline(to_json(example()));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->pod, "default_web");
  EXPECT_EQ(to_text(*again), to_text(example()));
}

TEST(Timeline, AMalformedFileIsRefused) {
  for (const char* text : {"", "[]", "{}", R"({"pod":"x","spans":[{}]})"}) EXPECT_FALSE(parse_timeline(text)) << text;
}

TEST(Timeline, LapsAreContiguousFromTheGivenTimeOn) {
  const BootTime now = boot_now();
  begin_laps(std::to_string((now - 5ms).count()));
  end_lap("one");
  end_lap("two");
  ASSERT_GE(laps().size(), 2U);
  const Span& one = laps()[laps().size() - 2];
  const Span& two = laps().back();
  EXPECT_EQ(one.begin, now - 5ms);
  EXPECT_EQ(one.end, two.begin);
  EXPECT_LE(two.begin, two.end);
}

TEST(Timeline, LapsBeginNowWhenTheGivenTimeIsInvalid) {
  for (const char* since : {"", "soon", "0", "9223372036854775807"}) {
    const std::size_t former = laps().size();
    const BootTime before = boot_now();
    begin_laps(since);
    const BootTime after = boot_now();
    end_lap("one");
    ASSERT_EQ(laps().size(), former + 1) << since;
    EXPECT_GE(laps().back().begin, before) << since;
    EXPECT_LE(laps().back().begin, after) << since;
  }
}

}  // namespace
}  // namespace podrun::supervisor
