// Durations as Kubernetes writes them.
#include "pod/text/duration.hpp"

#include <gtest/gtest.h>

#include <string>

namespace podrun::pod {
namespace {

using namespace std::chrono_literals;

TEST(Duration, ADurationIsASumOfNumbersWithUnits) {
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("1m30s"), 90s);
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("1.5h"), 90min);
  EXPECT_EQ(parse_duration("0.1s"), 100ms);
  EXPECT_EQ(parse_duration("1h0m0.001s"), 3600001ms);
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_EQ(parse_duration("8760h"), 8760h);
}

TEST(Duration, AnInvalidDurationIsRefused) {
  for (const char* text : {"", "10", "s", "10 s", "-1s", "+1s", "1s ", "1d", "1.s.", "1e3s", "0x1s", "inf", "nans", ".",
                           "8761h", "99999999999999999999h", "1µs"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, ADurationIsPrintedInItsShortestForm) {
  for (const char* text : {"0s", "10s", "1m30s", "5m", "1h", "1h1ms", "250ms"})
    EXPECT_EQ(to_text(parse_duration(text).value()), text);
  EXPECT_EQ(to_text(90min), "1h30m");
}

}  // namespace
}  // namespace podrun::pod
