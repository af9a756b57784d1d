// `podrun logs`: what is shown of log files.
#include "supervisor/logs/show_logs.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <filesystem>
#include <string>
#include <thread>

#include "namespaces/kernel/fd.hpp"
#include "tests/supervisor/logs/log_reader.hpp"

namespace podrun::supervisor {
namespace {

TEST_F(LogReader, ASingleContainerIsShownWithoutAPrefix) {
  add("app", 0, 1, "one\ntwo\n");
  add("app", 0, 2, "oh\n", Stream::Err);
  add("app", 0, 3, "three\n");
  const auto [out, err] = shown(of({"app"}));
  EXPECT_EQ(out, "one\ntwo\nthree\n");
  EXPECT_EQ(err, "oh\n");
}

TEST_F(LogReader, PartialRecordsAreJoinedToALine) {
  const std::string line = std::string(3 * longest_record, 'x') + "\n";
  add("app", 0, 1, line);
  EXPECT_EQ(shown_out(of({"app"})), line);
}

TEST_F(LogReader, ALineWithoutNewlineIsShownWithoutOne) {
  add("app", 0, 1, "no newline");
  EXPECT_EQ(shown_out(of({"app"})), "no newline");
}

TEST_F(LogReader, ShowsTheNewestInstance) {
  for (const int instance : {2, 9, 10})
    add("app", instance, instance, "instance " + std::to_string(instance) + "\n");
  EXPECT_EQ(shown_out(of({"app"})), "instance 10\n");
}

TEST_F(LogReader, PreviousIsTheInstanceBeforeTheNewest) {
  for (const int instance : {2, 9, 10})
    add("app", instance, instance, "instance " + std::to_string(instance) + "\n");
  LogQuery query = of({"app"});
  query.selection.previous = true;
  query.follow = true;
  EXPECT_EQ(shown_out(query), "instance 9\n");
}

TEST_F(LogReader, SeveralContainersArePrefixedAndMergedByTime) {
  add("app", 0, 1, "a1\n");
  add("app", 0, 4, "a4\n");
  add("visitor", 3, 2, "v2\n");
  add("visitor", 3, 3, "v3\n");
  add("visitor", 3, 5, "v5\n");
  EXPECT_EQ(shown_out(of({"app", "visitor"})),
            "app     | a1\nvisitor | v2\nvisitor | v3\napp     | a4\nvisitor | v5\n");
}

TEST_F(LogReader, ATerminalGetsOnlyColoursAndTheyAreResetAtTheEnd) {
  add("app", 0, 1, "\033[31mred\033]0;title\a\n");
  add("app", 0, 2, "no newline\033[6n");
  LogQuery query = of({"app"});
  EXPECT_EQ(shown_out(query), "\033[31mred\033]0;title\a\nno newline\033[6n");
  query.display.sanitized = {true, true};
  EXPECT_EQ(shown_out(query), "\033[31mred\033[0m\n\033[31mno newline\033[0m");
}

TEST_F(LogReader, AnUnfinishedLineIsEndedBeforeAnotherContainersLine) {
  add("app", 0, 1, "no newline");
  add("log", 0, 2, "x");
  EXPECT_EQ(shown_out(of({"app", "log"})), "app | no newline\nlog | x\n");
}

TEST_F(LogReader, AContainerWithoutALogIsSkipped) {
  add("app", 0, 1, "a\n");
  EXPECT_EQ(shown_out(of({"app", "log"})), "app | a\n");
}

TEST_F(LogReader, TimestampsAreThoseOfTheRecords) {
  add("app", 0, 1, "one\n");
  LogQuery query = of({"app"});
  query.timestamps = true;
  EXPECT_EQ(shown_out(query), "1970-01-01T00:00:01.000000000Z one\n");
}

TEST_F(LogReader, TailShowsTheLastRecords) {
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += "line " + std::to_string(i) + "\n";
  add("app", 0, 1, lines);
  LogQuery query = of({"app"});
  for (const std::size_t tail : {0UL, 1UL, 3UL, 3000UL, 5000UL, 6000UL}) {
    query.selection.tail = tail;
    const std::size_t first = 5000 - std::min(tail, 5000UL);
    const std::size_t begin =
        first == 5000 ? lines.size() : lines.find("line " + std::to_string(first) + "\n");
    EXPECT_EQ(shown_out(query), lines.substr(begin)) << tail;
  }
}

TEST_F(LogReader, AnUnfinishedRecordIsNotShown) {
  add("app", 0, 1, "one\n");
  append("app", 0, "1970-01-01T00:00:01.000000000Z stdout F tw");
  EXPECT_EQ(shown_out(of({"app"})), "one\n");
}

TEST_F(LogReader, AMalformedRecordIsShownUnchanged) {
  append("app", 0, "somebody else wrote this\n" + std::string(100'000, 'x') + "\n");
  EXPECT_EQ(shown_out(of({"app"})).substr(0, 26), "somebody else wrote this\nx");
}

TEST_F(LogReader, AMissingLogIsAnError) {
  add("app", 0, 1, "one\n");
  LogQuery query = of({"log"});
  const auto keep = [](Stream, std::string_view) { return true; };
  EXPECT_FALSE(show_logs(query, keep, [] { return std::nullopt; }));
  query = of({"app"});
  query.selection.previous = true;
  EXPECT_FALSE(show_logs(query, keep, [] { return std::nullopt; }));
}

TEST_F(LogReader, ReadingEndsWhenTheOutputIsClosed) {
  add("app", 0, 1, "one\n");
  add("app", 0, 1, "oh\n", Stream::Err);
  LogQuery query = of({"app"});
  query.follow = true;
  int calls = 0;
  const auto closed = [&](Stream, std::string_view) { return ++calls > 1; };
  EXPECT_TRUE(show_logs(query, closed, [] { return -1; }));
  EXPECT_EQ(calls, 1);
}

TEST_F(LogReader, ContainersWithLogsAreListed) {
  add("visitor", 0, 1, "v\n");
  add("app", 0, 1, "a\n");
  std::ofstream(directory_ / "podrun.log") << "not a container";
  EXPECT_EQ(logged_containers(*held(directory_ / "")), (std::vector<std::string>{"app", "visitor"}));
}

// A pod that runs, which the test plays. A pipe hangs up when the pod ends.
class LogFollower : public LogReader {
 protected:
  LogFollower() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    alive_ = Fd(ends[1]);
    ended_ = Fd(ends[0]);
  }

  // Follows the logs of a pod. When the text of the next step of the script has been shown, the action of that step is
  // done, which writes the text of the step after it.
  struct Step {
    std::string shown;
    std::function<void()> then;
  };
  std::string follow(const std::vector<std::string>& containers, std::vector<Step> script) {
    LogQuery query = of(containers);
    query.follow = true;
    std::string text;
    std::size_t next = 0;
    const auto write = [&](Stream, std::string_view more) {
      text += more;
      if (next < script.size() && text.ends_with(script[next].shown)) script[next++].then();
      return true;
    };
    const auto followed = show_logs(query, write, [this]() -> std::optional<int> {
      pollfd end{.fd = ended_.get(), .events = 0, .revents = 0};
      if (::poll(&end, 1, 0) == 1) return std::nullopt;
      return ended_.get();
    });
    EXPECT_TRUE(followed) << followed.error().message;
    EXPECT_EQ(next, script.size());
    return text;
  }
  void end() { alive_.reset(); }

  Fd alive_, ended_;
};

TEST_F(LogFollower, FollowingShowsNewLinesUntilThePodEnds) {
  add("app", 0, 1, "one\n");
  EXPECT_EQ(follow({"app"}, {{"one\n", [this] { add("app", 0, 2, "two\n"); }},
                             {"two\n", [this] { add("app", 0, 3, "last words\n"), end(); }}}),
            "one\ntwo\nlast words\n");
}

TEST_F(LogFollower, FollowingContinuesWithTheNextInstance) {
  add("app", 0, 1, "one\n");
  EXPECT_EQ(follow({"app"}, {{"one\n",
                              [this] {
                                add("app", 0, 2, "the last of the first\n");
                                add("app", 1, 3, "two\n");
                              }},
                             {"two\n", [this] { add("app", 2, 4, "three\n"); }},
                             {"three\n", [this] { end(); }}}),
            "one\nthe last of the first\ntwo\nthree\n");
}

TEST_F(LogFollower, FollowingIncludesAContainerThatStartsLater) {
  add("app", 0, 1, "one\n");
  EXPECT_EQ(follow({"app", "log"}, {{"one\n", [this] { add("log", 0, 2, "two\n"); }},
                                    {"two\n", [this] { add("log", 0, 3, "three\n"); }},
                                    {"three\n", [this] { end(); }}}),
            "app | one\nlog | two\nlog | three\n");
}

TEST_F(LogFollower, FollowingJoinsThePartsOfALine) {
  add("app", 0, 1, "hel");
  EXPECT_EQ(follow({"app"}, {{"hel", [this] { add("app", 0, 2, "lo\n"); }}, {"lo\n", [this] { end(); }}}),
            "hello\n");
}

// In the tests above lines come between two reads. Here they also come while the follower waits.
TEST_F(LogFollower, AWaitingFollowerWakesUpForNewLines) {
  add("app", 0, 1, "begin\n");
  std::thread pod;
  const std::string text = follow({"app"}, {{"begin\n", [&] {
                                               pod = std::thread([this] {
                                                 for (int i = 0; i < 100; ++i)
                                                   add("app", i / 10, i, std::to_string(i) + "\n");
                                                 end();
                                               });
                                             }}});
  pod.join();
  std::string expected = "begin\n";
  for (int i = 0; i < 100; ++i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace podrun::supervisor
