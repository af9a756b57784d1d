// The log pump, which writes the output of a container as records.
#include "supervisor/logs/log_pump.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <string>

#include "tests/supervisor/logs/log_fixture.hpp"

namespace podrun::supervisor {
namespace {

TEST_F(Logs, LogFileModesIgnoreTheUmask) {
  const mode_t before = ::umask(0077);
  ns::DirectoryHandle other(directory_ / "", "other");
  const auto log = create_log_file(other, "0.log");
  ::umask(before);
  ASSERT_TRUE(log);
  struct stat file {
  }, directory{};
  ASSERT_EQ(::stat((directory_ / "other/0.log").c_str(), &file), 0);
  ASSERT_EQ(::stat((directory_ / "other").c_str(), &directory), 0);
  EXPECT_EQ(file.st_mode & 07777, 0640u);
  EXPECT_EQ(directory.st_mode & 07777, 0750u);
}

TEST_F(Logs, AFailureToCreateALogNamesItsPath) {
  write_file("", 0);
  ns::DirectoryHandle below(directory_ / "", "pod/app/0.log/no");
  const auto log = create_log_file(below, "directory");
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().message.find("/pod/app/0.log/no"), std::string::npos) << log.error().message;
}

TEST_F(Logs, LinesBecomeRecords) {
  LogPump pump = adopt();
  write_out("one\ntwo\n");
  EXPECT_EQ(pump_once(pump, Stream::Out).bytes, 8u);
  EXPECT_EQ(log(), out_full + "one\n" + out_full + "two\n");
}

TEST_F(Logs, BothStreamsAreLoggedInTheOrderTheyArePumped) {
  LogPump pump = adopt();
  write_out("a\n");
  write_err("b\n");
  pump_once(pump, Stream::Err);
  pump_once(pump, Stream::Out);
  write_err("c\n");
  pump_once(pump, Stream::Err);
  EXPECT_EQ(log(), err_full + "b\n" + out_full + "a\n" + err_full + "c\n");
}

TEST_F(Logs, AnEmptyPipeIsNotTheEndOfTheStream) {
  LogPump pump = adopt();
  const auto pumped = pump_once(pump, Stream::Out);
  EXPECT_EQ(pumped.bytes, 0u);
  EXPECT_FALSE(pumped.end);
}

TEST_F(Logs, AnUnfinishedLineWaitsForItsNewline) {
  LogPump pump = adopt();
  write_out("a\nhel");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + "a\n");
  write_out("lo");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + "a\n");
  write_out("!\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + "a\n" + out_full + "hello!\n");
}

TEST_F(Logs, TheOtherStreamDoesNotWaitForAnUnfinishedLine) {
  LogPump pump = adopt();
  write_out("hel");
  write_err("b\n");
  pump_once(pump, Stream::Out);
  pump_once(pump, Stream::Err);
  write_out("lo\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), err_full + "b\n" + out_full + "hello\n");
}

// Otherwise a level-triggered event loop would not sleep, and the pipe could fill up unnoticed.
TEST_F(Logs, AnUnfinishedLineIsTakenOutOfThePipe) {
  LogPump pump = adopt();
  write_out("hel");
  pump_once(pump, Stream::Out);
  int waiting = -1;
  ASSERT_EQ(::ioctl(log_.kept.out.get(), FIONREAD, &waiting), 0);
  EXPECT_EQ(waiting, 0);
}

TEST_F(Logs, ALineCutByTheEndOfTheStreamIsAPartialRecord) {
  LogPump pump = adopt();
  write_out("a\nhel");
  log_.out_write.reset();
  EXPECT_FALSE(pump_once(pump, Stream::Out).end);
  EXPECT_TRUE(pump_once(pump, Stream::Out).end);
  EXPECT_EQ(log(), out_full + "a\n" + out_partial + "hel\n");
  EXPECT_TRUE(pump_once(pump, Stream::Out).end) << "and stays there";
  EXPECT_EQ(log(), out_full + "a\n" + out_partial + "hel\n");
}

TEST_F(Logs, ALongLineIsSplitWhileItArrives) {
  LogPump pump = adopt();
  const std::string piece(longest_record, 'x');
  write_out(piece + "yy");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_partial + piece + "\n");
  write_out("y\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_partial + piece + "\n" + out_full + "yyy\n");
}

TEST_F(Logs, ArbitraryBytesAreLoggedUnchanged) {
  LogPump pump = adopt();
  const std::string bytes("\0\r\t\x1b[1m\xff\xfe", 9);
  write_out(bytes + '\n');
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + bytes + '\n');
}

TEST_F(Logs, AFullPipeIsTakenInOneBatch) {
  LogPump pump = adopt();
  const std::string lines(65536, '\n');
  write_out(lines);
  EXPECT_EQ(pump_once(pump, Stream::Out).bytes, lines.size());
  EXPECT_EQ(log().size(), lines.size() * (out_full.size() + 1));
}

TEST_F(Logs, APipeShrunkToAPageStillFlows) {
  ASSERT_EQ(::fcntl(log_.out_write.get(), F_SETPIPE_SZ, 4096), 4096);
  LogPump pump = adopt();
  std::string line;
  for (int i = 0; i < 3; ++i) {
    write_out(std::string(4096, 'x'));
    line.append(4096, 'x');
    EXPECT_EQ(pump_once(pump, Stream::Out).bytes, 4096u);
  }
  write_out("\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + line + "\n");
}

TEST_F(Logs, APipeGrownToAMegabyteIsTakenInBatches) {
  ASSERT_GE(::fcntl(log_.out_write.get(), F_SETPIPE_SZ, 1 << 20), 1 << 20);
  LogPump pump = adopt();
  std::string lines, records;
  for (int i = 0; lines.size() < 1'000'000; ++i) {
    lines += "line " + std::to_string(i) + "\n";
    records += out_full + "line " + std::to_string(i) + "\n";
  }
  write_out(lines);
  while (pump_once(pump, Stream::Out).bytes > 0) continue;
  EXPECT_EQ(log(), records);
}

// Each packet takes a whole slot of a pipe, so that both pipes are full after a few bytes.
TEST_F(Logs, ALineWrittenAsManyPacketsIsLoggedCompletely) {
  ASSERT_EQ(::fcntl(log_.out_write.get(), F_SETFL, O_DIRECT | O_NONBLOCK), 0);
  LogPump pump = adopt();
  int written = 0;
  for (int round = 0; round < 100; ++round) {
    while (::write(log_.out_write.get(), "x", 1) == 1) ++written;
    EXPECT_GT(pump_once(pump, Stream::Out).bytes, 0u);
  }
  write_out("\n");
  while (pump_once(pump, Stream::Out).bytes > 0) continue;
  EXPECT_EQ(text_of(log(), Stream::Out), std::string(static_cast<std::size_t>(written), 'x') + "\n");
}

TEST_F(Logs, AContainerReadingItsOwnPipeTakesOnlyUnpumpedOutput) {
  LogPump pump = adopt();
  const Fd thief(
      ::open(("/proc/self/fd/" + std::to_string(log_.out_write.get())).c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(thief);
  char stolen[2];
  write_out("first\nsecond\n");
  pump_once(pump, Stream::Out);
  write_out("xy\nthird\n");
  ASSERT_EQ(::read(thief.get(), stolen, 2), 2);
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + "first\n" + out_full + "second\n" + out_full + "\n" + out_full + "third\n");
}

TEST_F(Logs, ADrainWritesUnfinishedLinesAsPartialRecords) {
  LogPump pump = adopt();
  write_out("hel");
  pump_once(pump, Stream::Out);
  write_out("lo\nwor");
  write_err("oh");
  const auto drained = pump.drain();
  ASSERT_TRUE(drained) << drained.error().message;
  EXPECT_EQ(log(), out_full + "hello\n" + out_partial + "wor\n" + err_partial + "oh\n");
}

TEST_F(Logs, AfterADrainTheStreamGoesOn) {
  LogPump pump = adopt();
  write_out("wor");
  ASSERT_TRUE(pump.drain());
  write_out("ld\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_partial + "wor\n" + out_full + "ld\n");
}

}  // namespace
}  // namespace podrun::supervisor
