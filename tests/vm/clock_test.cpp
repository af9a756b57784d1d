// The wall clock is changed while a container waits for its restart.
#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

using std::chrono::steady_clock;

void set_clock(const std::string& change) {
  EXPECT_EQ(command({"/usr/bin/date", "--set=" + change}).status, 0);
}

/// The beginning of a log's time stamp: "2026-11-30T05".
std::string present_hour() {
  return command({"/usr/bin/date", "--utc", "+%Y-%m-%dT%H"}).out.substr(0, 13);
}

TEST(Clock, ABackoffIgnoresChangesOfTheWallClock) {
  std::string text = manifest("clock", {{"a", "echo up\nexit 1"}}, "restartPolicy: Always\n" + at_once);
  const std::string name = "name: clock\n";
  text.insert(text.find(name) + name.size(), "  annotations: {podrun.io/backoff-initial: 5s}\n");
  Unit pod("clock", text);
  (void)pod.start();
  ASSERT_TRUE(pod.wait_for_journal("back-off, restart 2 in 5s"));
  const auto armed = steady_clock::now();
  set_clock("+1 hour");
  set_clock("-2 hours");
  const std::string first_hour = present_hour();
  EXPECT_TRUE(pod.wait_for_journal("a | up", 3));
  const auto waited = steady_clock::now() - armed;
  EXPECT_GT(waited, std::chrono::seconds(3));
  EXPECT_LT(waited, std::chrono::seconds(10));
  // The time stamps of the log follow the changed clock. The hour may have ended since it was changed.
  const Finished logs = command({"/usr/bin/podrun", "logs", "--timestamps", "clock"});
  const std::vector<std::string> lines = lines_of(logs.out);
  ASSERT_FALSE(lines.empty());
  EXPECT_TRUE(lines.back().starts_with(first_hour) || lines.back().starts_with(present_hour())) << logs.out;
  EXPECT_EQ(pod.systemctl("stop").status, 0);
  set_clock("+1 hour");
}

}  // namespace
}  // namespace podrun::test
