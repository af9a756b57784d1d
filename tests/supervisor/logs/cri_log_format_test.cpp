// Writing and reading the CRI log format.
#include "supervisor/logs/cri_log_format.hpp"

#include <gtest/gtest.h>

#include <string>

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;

// 2026-11-24T06:38:34.123456789Z
constexpr WallTime then =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + 6h + 38min + 34s + 123456789ns;
const std::string stamp = "2026-11-24T06:38:34.123456789Z";

std::string records_of(std::string_view raw, Stream stream = Stream::Out) {
  std::string out;
  append_records(out, raw, stream, then);
  return out;
}

TEST(Rfc3339, HasNineDigitsAndEndsInZ) {
  EXPECT_EQ(rfc3339(then), stamp);
}

TEST(Rfc3339, KeepsLeadingZeros) {
  EXPECT_EQ(rfc3339(WallTime(5ns)), "1970-01-01T00:00:00.000000005Z");
}

TEST(Rfc3339, ATimeBefore1970IsFormatted) {
  EXPECT_EQ(rfc3339(WallTime(-1ns)), "1969-12-31T23:59:59.999999999Z");
}

TEST(Rfc3339, ALeapDayIsFormatted) {
  const auto leap = std::chrono::sys_days(std::chrono::year(2028) / 2 / 29);
  EXPECT_EQ(rfc3339(leap), "2028-02-29T00:00:00.000000000Z");
}

TEST(Rfc3339, AFormattedTimeParsesBack) {
  for (const WallTime time : {then, WallTime(0ns), WallTime(-1ns), WallTime(1'700'000'000'000'000'001ns)})
    EXPECT_EQ(parse_rfc3339(rfc3339(time)), time);
}

TEST(Rfc3339, AMalformedTimeIsRefused) {
  for (const std::string text :
       {"", "2026-11-24T06:38:34Z", "2026-11-24 06:38:34.123456789Z", "2026-11-24T06:38:34.123456789+00:00",
        "2026-11-24T06:38:34.12345678xZ", "2026-02-30T06:38:34.123456789Z", "2026-11-24T24:00:00.000000000Z",
        "2026-13-01T00:00:00.000000000Z", "9999-01-01T00:00:00.000000000Z"})
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(Records, AWholeLineIsOneFullRecord) {
  EXPECT_EQ(records_of("hello\n"), stamp + " stdout F hello\n");
}

TEST(Records, ARecordOfAnEmptyLineEndsInASpace) {
  EXPECT_EQ(records_of("\n"), stamp + " stdout F \n");
}

TEST(Records, ARecordNamesItsStream) {
  EXPECT_EQ(records_of("oh\n", Stream::Err), stamp + " stderr F oh\n");
}

TEST(Records, ALineWithoutNewlineIsAPartialRecord) {
  EXPECT_EQ(records_of("a\nb"), stamp + " stdout F a\n" + stamp + " stdout P b\n");
}

TEST(Records, ArbitraryBytesAreKept) {
  const std::string bytes("\0\r\t\x1b[1m\xff\xfe", 9);
  EXPECT_EQ(records_of(bytes + '\n'), stamp + " stdout F " + bytes + '\n');
}

TEST(Records, ALineOfExactlyTheLimitIsNotSplit) {
  const std::string line(longest_record, 'x');
  EXPECT_EQ(records_of(line + '\n'), stamp + " stdout F " + line + '\n');
}

TEST(Records, ALongerLineIsSplitAndEndsInAFullRecord) {
  const std::string piece(longest_record, 'x');
  EXPECT_EQ(records_of(piece + piece + "y\n"), stamp + " stdout P " + piece + '\n' + stamp + " stdout P " +
                                                   piece + '\n' + stamp + " stdout F y\n");
}

TEST(Records, EmptyInputGivesNoRecord) {
  EXPECT_EQ(records_of(""), "");
}

TEST(Recordable, TheRecordablePartEndsAtTheLastNewline) {
  EXPECT_EQ(recordable(""), 0u);
  EXPECT_EQ(recordable("abc"), 0u);
  EXPECT_EQ(recordable("abc\n"), 4u);
  EXPECT_EQ(recordable("abc\nde\nf"), 7u);
}

TEST(Recordable, AnUnfinishedLongLineYieldsRecordsOnceMoreTextFollows) {
  EXPECT_EQ(recordable(std::string(longest_record, 'x')), 0u);
  EXPECT_EQ(recordable(std::string(longest_record + 1, 'x')), longest_record);
  EXPECT_EQ(recordable("a\n" + std::string(3 * longest_record, 'x')), 2 + 2 * longest_record);
}

TEST(Recordable, ALineIsSplitAtTheSamePlacesHoweverItArrives) {
  const std::string line = std::string(2 * longest_record, 'x') + "\n";
  for (std::size_t cut = 1; cut < line.size(); cut += 3000) {
    const std::size_t first = recordable(line.substr(0, cut));
    EXPECT_EQ(records_of(line.substr(0, first)) + records_of(line.substr(first)), records_of(line)) << cut;
  }
}

TEST(ParseRecord, ARecordIsParsedIntoItsFourParts) {
  const std::string line = stamp + " stderr P some text ";
  const auto record = parse_record(line);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->time, stamp);
  EXPECT_EQ(record->stream, Stream::Err);
  EXPECT_TRUE(record->partial);
  EXPECT_EQ(record->text, "some text ");
}

TEST(ParseRecord, ARecordWithEmptyTextIsParsed) {
  const auto record = parse_record(stamp + " stdout F ");
  ASSERT_TRUE(record);
  EXPECT_FALSE(record->partial);
  EXPECT_EQ(record->text, "");
}

TEST(ParseRecord, AMalformedRecordIsRefused) {
  for (const std::string& line :
       {std::string(), stamp, stamp + " stdout F", stamp + " stdin F x", stamp + " stdout X x",
        stamp + "  stdout F x", std::string("yesterday stdout F hello, a long enough line")})
    EXPECT_FALSE(parse_record(line)) << line;
}

}  // namespace
}  // namespace podrun::supervisor
