// `podrun logs --tail`, `--since` and `--prefix`: which lines are shown, also of lines that were split into records.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/supervisor/logs/log_reader.hpp"

namespace podrun::supervisor {
namespace {

class LogSelectionTest : public LogReader {
 protected:
  std::string tail(std::size_t lines) {
    LogQuery query = of({"app"});
    query.selection.tail = lines;
    return shown_out(query);
  }
  static std::string at(int second) { return rfc3339(WallTime(std::chrono::seconds(second))); }
};

TEST_F(LogSelectionTest, TailCountsLinesAndNotTheRecordsOfSplitLines) {
  const std::string first = std::string(3 * longest_record, 'a') + "\n",
                    last = std::string(2 * longest_record, 'b') + "\n";
  add("app", 0, 1, "zero\n" + first + "middle\n" + last);
  EXPECT_EQ(tail(1), last);
  EXPECT_EQ(tail(2), "middle\n" + last);
  EXPECT_EQ(tail(3), first + "middle\n" + last);
  EXPECT_EQ(tail(4), "zero\n" + first + "middle\n" + last);
  EXPECT_EQ(tail(9), "zero\n" + first + "middle\n" + last);
}

TEST_F(LogSelectionTest, AnUnfinishedLineIsALine) {
  add("app", 0, 1, "one\ntwo\n");
  add("app", 0, 2, "thr");
  EXPECT_EQ(tail(0), "");
  EXPECT_EQ(tail(1), "thr");
  EXPECT_EQ(tail(2), "two\nthr");
}

TEST_F(LogSelectionTest, TailGoesThroughRotatedFiles) {
  append("app", 0, "");
  const std::string folder = directory_ / "app/";
  std::ofstream(folder + "0.log.20261130-100000.000000000")
      << at(1) + " stdout F one\n" + at(2) + " stdout P begin, \n";
  std::ofstream(folder + "0.log.20261130-100001.000000000") << at(3) + " stdout P middle, \n";
  std::ofstream(folder + "0.log") << at(4) + " stdout F end\n";
  EXPECT_EQ(tail(1), "begin, middle, end\n");
  EXPECT_EQ(tail(2), "one\nbegin, middle, end\n");
  std::ofstream(folder + "0.log") << "";
  EXPECT_EQ(tail(1), "begin, middle, ");
}

TEST_F(LogSelectionTest, RecordsOfTheOtherStreamBetweenTheRecordsOfALineAreOtherLines) {
  append("app", 0,
         at(1) + " stdout P begin, \n" + at(2) + " stderr F oh\n" + at(3) + " stderr P half, \n" + at(4) +
             " stdout F end\n" + at(5) + " stderr F whole\n");
  LogQuery query = of({"app"});
  const auto with_tail = [&](std::size_t lines) {
    query.selection.tail = lines;
    return shown(query);
  };
  using Both = std::array<std::string, 2>;
  EXPECT_EQ(with_tail(1), (Both{"", "half, whole\n"}));
  EXPECT_EQ(with_tail(2), (Both{"begin, end\n", "half, whole\n"}));
  EXPECT_EQ(with_tail(3), (Both{"begin, end\n", "oh\nhalf, whole\n"}));
}

// The last lines of random logs, as a program says that counts the lines from the beginning.
TEST_F(LogSelectionTest, TailOfRandomRecordsIsThatOfTheirLines) {
  struct Line {
    std::size_t stream;
    std::string text;
    int end;
  };
  std::mt19937 random(7);
  for (int round = 0; round < 60; ++round) {
    const std::string container = "c" + std::to_string(round);
    std::vector<Line> lines;
    std::array<std::string, 2> begun;
    std::array<int, 2> last{-1, -1};
    for (int i = 0, records = static_cast<int>(random() % 40); i < records; ++i) {
      const std::size_t stream = random() % 2;
      const bool partial = random() % 2 == 0;
      const std::string text = std::to_string(i) + std::string(random() % 900, '.');
      append(container, 0, at(i) + (stream == 0 ? " stdout " : " stderr ") + (partial ? "P " : "F ") + text + "\n");
      begun[stream] += text + (partial ? "" : "\n");
      last[stream] = i;
      if (!partial) lines.push_back({stream, std::exchange(begun[stream], ""), i});
    }
    for (const std::size_t stream : {0UL, 1UL})
      if (!begun[stream].empty()) lines.push_back({stream, begun[stream], last[stream]});
    std::ranges::sort(lines, {}, &Line::end);
    if (lines.empty()) continue;
    for (std::size_t tail = 0; tail <= lines.size() + 1; ++tail) {
      std::array<std::string, 2> expected;
      for (std::size_t i = lines.size() - std::min(tail, lines.size()); i < lines.size(); ++i)
        expected[lines[i].stream] += lines[i].text;
      LogQuery query = of({container});
      query.selection.tail = tail;
      EXPECT_EQ(shown(query), expected) << container << ", tail " << tail;
    }
  }
}

TEST_F(LogSelectionTest, UntilLeavesOutLinesThatBeganThenOrLater) {
  add("app", 0, 1, "one\n");
  append("app", 0, at(2) + " stdout P begun at two, \n" + at(3) + " stdout F ended at three\n");
  add("app", 0, 3, "three\n");
  LogQuery query = of({"app"});
  const auto until = [&](int since, int second) {
    query.selection.since = at(since);
    query.selection.until = at(second);
    return shown_out(query);
  };
  EXPECT_EQ(until(1, 1), "");
  EXPECT_EQ(until(1, 2), "one\n");
  EXPECT_EQ(until(1, 3), "one\nbegun at two, ended at three\n");
  EXPECT_EQ(until(2, 3), "begun at two, ended at three\n");
  EXPECT_EQ(until(1, 4), "one\nbegun at two, ended at three\nthree\n");
}

TEST_F(LogSelectionTest, SinceLeavesOutLinesThatBeganBefore) {
  add("app", 0, 1, "one\n");
  append("app", 0, at(2) + " stdout P begun at two, \n" + at(3) + " stdout F ended at three\n");
  add("app", 0, 3, "three\n");
  add("app", 0, 4, "four\n");
  LogQuery query = of({"app"});
  const auto since = [&](int second) {
    query.selection.since = at(second);
    return shown_out(query);
  };
  EXPECT_EQ(since(0), "one\nbegun at two, ended at three\nthree\nfour\n");
  EXPECT_EQ(since(2), "begun at two, ended at three\nthree\nfour\n");
  EXPECT_EQ(since(3), "three\nfour\n");
  EXPECT_EQ(since(5), "");
  query.selection.tail = 3;
  EXPECT_EQ(since(4), "four\n");
}

TEST_F(LogSelectionTest, OneContainerHasAPrefixIfThatIsAskedFor) {
  add("app", 0, 1, "one\n");
  LogQuery query = of({"app"});
  query.prefix = true;
  EXPECT_EQ(shown_out(query), "app | one\n");
}

}  // namespace
}  // namespace podrun::supervisor
