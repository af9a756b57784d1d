// events.jsonl.
#include "supervisor/history/event_log.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "tests/supervisor/directory_handles.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {
namespace {

LoggedEvent event(const std::string& id, std::string message = "") {
  return {.id = id,
          .time = WallTime(std::chrono::seconds(1795502314)),
          .is_warning = true,
          .reason = "Unhealthy",
          .container = "app",
          .role = pod::ContainerRole::Sidecar,
          .instance = 2,
          .message = std::move(message)};
}

class EventLogTest : public testing::Test {
 protected:
  std::vector<std::string> ids() const {
    std::vector<std::string> found;
    for (const LoggedEvent& each : read_events(*folder_)) found.push_back(each.id);
    return found;
  }
  std::string file() const { return directory_ / "events.jsonl"; }

  TemporaryDirectory directory_;
  LogFolder folder_ = held(directory_ / "");
};

TEST_F(EventLogTest, EventsAreReadAsTheyWereWritten) {
  EventLog log(*folder_, false);
  const LoggedEvent odd = event("app/2/x", "two\nlines, a \"quote\", ü and \x01");
  ASSERT_TRUE(log.append({odd, event("app/2/y")}));
  ASSERT_TRUE(log.append({event("pod/z")}));
  const auto events = read_events(*folder_);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0], odd);
  EXPECT_EQ(ids(), (std::vector<std::string>{"app/2/x", "app/2/y", "pod/z"}));
  struct stat status{};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U) << "messages quote what probes print";
}

TEST_F(EventLogTest, ALaterSupervisorWritesNoEventTwice) {
  ASSERT_TRUE(EventLog(*folder_, false).append({event("a"), event("b")}));
  EventLog later(*folder_, true);
  ASSERT_TRUE(later.append({event("b"), event("c")}));
  EXPECT_EQ(ids(), (std::vector<std::string>{"a", "b", "c"}));
  const std::string text = contents_of(file());
  EXPECT_EQ(std::ranges::count(text, '\n'), 3);
}

TEST_F(EventLogTest, ALineThatWasNotWrittenToItsEndIsLeftOut) {
  ASSERT_TRUE(EventLog(*folder_, false).append({event("a")}));
  std::ofstream(file(), std::ios::app) << to_line(event("b")).substr(0, 20);
  EXPECT_EQ(ids(), std::vector<std::string>{"a"});
  ASSERT_TRUE(EventLog(*folder_, true).append({event("c")}));
  EXPECT_EQ(ids(), (std::vector<std::string>{"a", "c"}));
}

TEST_F(EventLogTest, TheFilesAreBounded) {
  EventLog log(*folder_, false);
  const std::string message(1000, 'x');
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(log.append({event(fmt::format("{}", i), message)}));
  EXPECT_LE(std::filesystem::file_size(file()), longest_events_file);
  EXPECT_LE(std::filesystem::file_size(directory_ / "events.1.jsonl"), longest_events_file);
  const auto kept = ids();
  EXPECT_EQ(kept.back(), "1999");
  EXPECT_GT(kept.size(), 400U);
}

TEST_F(EventLogTest, WhatCannotBeWrittenIsAnErrorAndLeavesNothing) {
  std::filesystem::create_directory(file());
  EventLog log(*folder_, false);
  EXPECT_FALSE(log.append({event("a")}));
  std::filesystem::remove(file());
  EXPECT_TRUE(log.append({event("b")})) << "the next one is tried again";
  EXPECT_EQ(ids(), std::vector<std::string>{"b"});
}

TEST(EventLine, WhatIsNoEventIsNone) {
  const std::string line = to_line(event("a"));
  EXPECT_TRUE(parse_event_line(line.substr(0, line.size() - 1)));
  for (const char* text : {"", "{}", "[1]", "{\"id\":3}", "x"}) EXPECT_FALSE(parse_event_line(text)) << text;
}

}  // namespace
}  // namespace podrun::supervisor
