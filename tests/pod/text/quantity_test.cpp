// Quantities: the exact value of each notation.
#include "pod/text/quantity.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace podrun::pod {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

TEST(Quantities, EveryNotationIsExact) {
  const std::vector<std::pair<std::string_view, Quantity>> cases{
      {"0", {0}},
      {"1", {1}},
      {"+1", {1}},
      {"1.", {1}},
      {".5", {0, 500'000'000}},
      {"0.1", {0, 100'000'000}},
      {"500m", {0, 500'000'000}},
      {"1500m", {1, 500'000'000}},
      {"250u", {0, 250'000}},
      {"7n", {0, 7}},
      {"1k", {1'000}},
      {"1M", {1'000'000}},
      {"1G", {1'000'000'000}},
      {"1T", {1'000'000'000'000}},
      {"1P", {1'000'000'000'000'000}},
      {"1E", {1'000'000'000'000'000'000}},
      {"1Ki", {1'024}},
      {"1.5Gi", {1'610'612'736}},
      {"0.1Ki", {102, 400'000'000}},
      {"7Ei", {8'070'450'532'247'928'832}},
      {"1e3", {1'000}},
      {"1.25E2", {125}},
      {"12e-1", {1, 200'000'000}},
      {"1e+2", {100}},
      {"9223372036854775807", {most}},
  };
  for (const auto& [text, value] : cases) {
    const auto parsed = parse_quantity(text);
    ASSERT_TRUE(parsed) << text << ": " << parsed.error();
    EXPECT_EQ(*parsed, value) << text;
  }
}

TEST(Quantities, DigitsBelowABillionthAreRoundedUp) {
  EXPECT_EQ(*parse_quantity("0.1n"), (Quantity{0, 1}));
  EXPECT_EQ(*parse_quantity("0.0000000001"), (Quantity{0, 1}));
  EXPECT_EQ(*parse_quantity("0.0000000001Gi"), (Quantity{0, 107'374'183}));
  EXPECT_EQ(*parse_quantity("1.0000000001"), (Quantity{1, 1}));
}

TEST(Quantities, NegativeQuantitiesCompareAndAdd) {
  EXPECT_EQ(*parse_quantity("-1.5"), (Quantity{-2, 500'000'000}));
  EXPECT_LT(*parse_quantity("-1m"), *parse_quantity("0"));
  EXPECT_EQ(*parse_quantity("-1.5") + *parse_quantity("2"), (Quantity{0, 500'000'000}));
  EXPECT_EQ((Quantity{most} + Quantity{most}).units, most);
}

TEST(Quantities, AnInvalidOrTooLargeQuantityIsRefused) {
  for (const char* text :
       {"", ".", "m", "1x", "1mi", "1ki", "1K", "1 Gi", "1Gi ", "--1", "1.2.3", "0x10", "1e", "e3", "1_000"})
    EXPECT_FALSE(parse_quantity(text)) << text;
  EXPECT_EQ(parse_quantity("8Ei").error(), "is larger than 2^63 - 1");
  EXPECT_EQ(parse_quantity("9223372036854775808").error(), "is larger than 2^63 - 1");
  EXPECT_EQ(parse_quantity("1e40").error(), "is larger than 2^63 - 1");
  EXPECT_EQ(parse_quantity("1e99").error(), "has an exponent out of bounds");
}

TEST(Quantities, DivisionRoundsUp) {
  const auto q = [](std::string_view text) { return *parse_quantity(text); };
  EXPECT_EQ(divided_up(q("250m"), q("1")), 1);
  EXPECT_EQ(divided_up(q("250m"), q("1m")), 250);
  EXPECT_EQ(divided_up(q("64Mi"), q("1Mi")), 64);
  EXPECT_EQ(divided_up(q("64M"), q("1Mi")), 62);
  EXPECT_EQ(divided_up(q("7Ei"), q("1n")), most);
  EXPECT_EQ(millis(q("0.1")), 100);
  EXPECT_EQ(rounded_up(q("1025m")), 2);
}

TEST(Quantities, AQuantitysTextSurvivesARoundTrip) {
  for (const char* text : {"0", "500m", "1073741824", "250u", "7n", "1500m", "9223372036854775807",
                           "9223372036854775807001m", "9223372036854775807999999999n"})
    EXPECT_EQ(to_text(*parse_quantity(text)), text);
}

}  // namespace
}  // namespace podrun::pod
