// The names and the order of log files, and readers of files that are rotated and removed meanwhile.
#include "supervisor/logs/log_files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "supervisor/logs/log_retention.hpp"
#include "tests/supervisor/directory_handles.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;

const std::string early = "20261124-063834.123456789";
const std::string late = "20261124-063834.123456790";

TEST(LogFile, ARotatedFileHasTheKubeletsNameWithNanoseconds) {
  EXPECT_EQ((LogFile{.instance = 7, .rotated = ""}).name(), "7.log");
  EXPECT_EQ((LogFile{.instance = 7, .rotated = early}).name(), "7.log." + early);
}

TEST(LogFile, ALogFileNameParsesBackToItsFile) {
  for (const LogFile& file :
       {LogFile{.instance = 0, .rotated = ""}, LogFile{.instance = 12, .rotated = early}})
    EXPECT_EQ(parse_log_name(file.name()), file);
  for (const std::string name : {"", "log", "x.log", "0.log.gz", "0.log.20261124-063834", "0.log.",
                                 "podrun.log", "0.log.20261324-063834.123456789", "0.logs"})
    EXPECT_FALSE(parse_log_name(name)) << name;
}

TEST(LogFile, RotatedFilesSortBeforeTheCurrentFileOfTheirInstance) {
  std::vector<LogFile> files = {{1, ""}, {0, ""}, {0, late}, {10, ""}, {1, early}, {0, early}};
  std::ranges::sort(files);
  EXPECT_EQ(files, (std::vector<LogFile>{{0, early}, {0, late}, {0, ""}, {1, early}, {1, ""}, {10, ""}}));
}

TEST(LogFile, RotationTimesIncreaseEvenIfTheClockIsSetBack) {
  const WallTime now = *parse_rfc3339("2026-11-24T06:38:34.123456789Z");
  EXPECT_EQ(rotation_time(now, ""), early);
  EXPECT_EQ(rotation_time(now, early), late) << "in the same instant";
  EXPECT_EQ(rotation_time(now - 24h, early), late) << "the clock was set back";
  EXPECT_EQ(rotation_time(now + 1s, early), "20261124-063835.123456789");
}

class LogPlaceTest : public testing::Test {
 protected:
  std::string path(const LogFile& file) const { return directory_ / file.name(); }
  void add(const LogFile& file) { std::ofstream(path(file)) << file.name(); }
  void rotate(const LogFile& live, const std::string& time) {
    std::filesystem::rename(path(live), path({.instance = live.instance, .rotated = time}));
    std::ofstream(path(live)) << "after " + time;
  }
  static std::string content(const LogCursor& place) {
    char text[100];
    const ssize_t length = place ? ::pread(place.fd(), text, sizeof text, 0) : 0;
    return {text, static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
  }
  LogCursor newest(std::size_t back = 0) {
    auto place = LogCursor::in_newest(held(directory_ / ""), back);
    EXPECT_TRUE(place);
    return place ? std::move(*place) : LogCursor();
  }
  static LogCursor after(LogCursor& place) {
    auto next = place.next();
    EXPECT_TRUE(next);
    return next ? std::move(*next) : LogCursor();
  }

  TemporaryDirectory directory_;
};

TEST_F(LogPlaceTest, ReadingBeginsWithTheOldestFileOfAnInstance) {
  for (const LogFile& file : {LogFile{3, ""}, LogFile{4, early}, LogFile{4, late}, LogFile{4, ""}}) add(file);
  EXPECT_EQ(content(newest()), "4.log." + early);
  EXPECT_EQ(content(newest(1)), "3.log");
  EXPECT_FALSE(newest(2));
}

TEST_F(LogPlaceTest, ReadingGoesThroughAllFilesInOrder) {
  for (const LogFile& file : {LogFile{3, early}, LogFile{3, ""}, LogFile{4, ""}}) add(file);
  LogCursor place = newest(1);
  place = after(place);
  EXPECT_EQ(content(place), "3.log");
  place = after(place);
  EXPECT_EQ(content(place), "4.log");
  EXPECT_EQ(place.instance(), 4u);
  EXPECT_FALSE(after(place));
}

TEST_F(LogPlaceTest, AReaderFollowsAFileThatRotationRenames) {
  add({0, ""});
  LogCursor place = newest();
  rotate({0, ""}, early);
  rotate({0, ""}, late);
  place = after(place);
  EXPECT_EQ(content(place), "after " + early) << "not the newest, which has the name by now";
  place = after(place);
  EXPECT_EQ(content(place), "after " + late);
}

TEST_F(LogPlaceTest, AReaderOfARemovedFileContinuesWithTheOldestLeft) {
  add({0, ""});
  LogCursor place = newest();
  rotate({0, ""}, early);
  rotate({0, ""}, late);
  std::filesystem::remove(path({0, early}));
  EXPECT_EQ(content(place), "0.log") << "open is open";
  place = after(place);
  EXPECT_EQ(content(place), "after " + early);
}

TEST_F(LogPlaceTest, AReaderOfARemovedFileDoesNotReturnToOlderFiles) {
  add({0, ""});
  rotate({0, ""}, early);
  LogCursor place = newest();
  place = after(place);
  std::filesystem::remove(path({0, ""}));
  EXPECT_FALSE(after(place));
  add({1, ""});
  EXPECT_EQ(content(after(place)), "1.log");
}

TEST_F(LogPlaceTest, APlaceIsBeforeLaterFilesOnly) {
  add({0, ""});
  rotate({0, ""}, early);
  LogCursor place = newest();
  place = after(place);
  const auto logs = find_logs(*held(directory_ / ""));
  EXPECT_FALSE(place.is_before(logs[0]));
  EXPECT_TRUE(place.is_in(logs[1]));
  EXPECT_FALSE(place.is_before(logs[1]));
  add({1, ""});
  EXPECT_TRUE(place.is_before(find_logs(*held(directory_ / ""))[2]));
}

// ---- files that are kept ----

std::vector<std::string> surplus(const std::vector<LogFileStat>& logs) {
  std::vector<std::string> names;
  for (const LogFileStat& log : surplus_logs(logs)) names.push_back(log.file.name());
  return names;
}
LogFileStat log_of(std::uint64_t instance, const std::string& rotated, off_t size) {
  return {.file = {.instance = instance, .rotated = rotated}, .inode = 1, .size = size};
}
std::string second(int number) {
  return "20261124-06383" + std::to_string(number) + ".000000000";
}

TEST(LogRetention, KeepsTheLastFiveInstances) {
  std::vector<LogFileStat> logs;
  for (const std::uint64_t instance : {3, 5, 8, 9, 10, 11, 12}) logs.push_back(log_of(instance, "", 100));
  EXPECT_EQ(surplus(logs), (std::vector<std::string>{"3.log", "5.log"}));
  logs.erase(logs.begin(), logs.begin() + 2);
  EXPECT_EQ(surplus(logs), std::vector<std::string>());
}

TEST(LogRetention, LeavesRoomForTheNewestFileToGrowToItsFullSize) {
  std::vector<LogFileStat> logs;
  for (int i = 0; i < 4; ++i) logs.push_back(log_of(0, second(i), largest_log));
  logs.push_back(log_of(0, "", 0));
  EXPECT_EQ(surplus(logs), std::vector<std::string>());
  logs.insert(logs.end() - 1, log_of(0, second(4), 1));
  EXPECT_EQ(surplus(logs), (std::vector<std::string>{"0.log." + second(0)}));
}

TEST(LogRetention, KeepsTheFileBeforeTheNewestWhateverItsSize) {
  const std::vector<LogFileStat> logs = {log_of(0, second(0), 1), log_of(0, second(1), 2 * kept_bytes),
                                         log_of(0, "", 0)};
  EXPECT_EQ(surplus(logs), (std::vector<std::string>{"0.log." + second(0)}));
}

TEST(LogRetention, TheSizeLimitCoversAllInstancesAndDropsTheOldestFirst) {
  std::vector<LogFileStat> logs = {log_of(0, second(0), largest_log), log_of(0, "", 1),
                                log_of(1, "", largest_log),        log_of(2, second(0), largest_log),
                                log_of(2, second(1), largest_log), log_of(2, "", 5)};
  EXPECT_EQ(surplus(logs), (std::vector<std::string>{"0.log." + second(0)}));
  logs.pop_back();
  EXPECT_EQ(surplus(logs), std::vector<std::string>());
}

TEST(LogRetention, KeepsAtMostFiveFilesOfAnInstance) {
  std::vector<LogFileStat> logs;
  for (int i = 0; i < 6; ++i) logs.push_back(log_of(0, second(i), 1));
  logs.push_back(log_of(0, "", 0));
  EXPECT_EQ(surplus(logs), (std::vector<std::string>{"0.log." + second(0), "0.log." + second(1)}));
}

TEST(LogRetention, NeverRemovesTheNewestFileHoweverLarge) {
  EXPECT_EQ(surplus({}), std::vector<std::string>());
  EXPECT_EQ(surplus({log_of(0, "", 100 << 20)}), std::vector<std::string>());
}

}  // namespace
}  // namespace podrun::supervisor
