// If a log cannot be written, lines are dropped and counted. On a full disk, older files make room.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/supervisor/logs/log_fixture.hpp"

namespace podrun::supervisor {
namespace {

// A limit on the size of files stands for a full disk. The errno is then EFBIG and not ENOSPC.
class UnwritableLog : public Logs {
 protected:
  UnwritableLog() : handler_before_(std::signal(SIGXFSZ, SIG_IGN)) { ::getrlimit(RLIMIT_FSIZE, &before_); }
  ~UnwritableLog() override {
    has_room();
    std::signal(SIGXFSZ, handler_before_);
  }
  void has_room_until(std::size_t largest) const {
    const rlimit small{.rlim_cur = largest, .rlim_max = before_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  }
  void has_room() const { ::setrlimit(RLIMIT_FSIZE, &before_); }
  Result<> keep(const LogDescriptors& log) override {
    if (refuses_) return fail("no room");
    return Logs::keep(log);
  }

  LogPump begin() {
    LogPump pump = adopt();
    write_out("one\n");
    pump_once(pump, Stream::Out);
    has_room_until(log().size() + 10);
    return pump;
  }
  static std::string missing(int lines) {
    return err_full + "podrun: " + std::to_string(lines) + (lines == 1 ? " line is" : " lines are") +
           " missing here: File too large\n";
  }

  bool refuses_ = false;

 private:
  rlimit before_{};
  sighandler_t handler_before_;
};

TEST_F(UnwritableLog, DroppedLinesAreCountedInTheLog) {
  LogPump pump = begin();
  write_out("two\nthree\n");
  write_err("four\n");
  EXPECT_EQ(pump_once(pump, Stream::Out).bytes, 10u) << "the container does not wait";
  EXPECT_EQ(pump_once(pump, Stream::Err).bytes, 5u);
  ASSERT_TRUE(pump.trouble());
  EXPECT_EQ(pump.trouble()->number, EFBIG);
  EXPECT_EQ(pump.dropped(), 3u);
  EXPECT_EQ(log(), out_full + "one\n") << "no part of a record is left behind";
  has_room();
  write_out("five\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + "one\n" + missing(3) + out_full + "five\n");
  EXPECT_FALSE(pump.trouble());
  EXPECT_EQ(pump.dropped(), 0u);
}

TEST_F(UnwritableLog, TheNextSupervisorKnowsTheNumberOfDroppedLines) {
  {
    LogPump pump = begin();
    write_out("two\n");
    pump_once(pump, Stream::Out);
  }
  LogPump next = adopt();
  EXPECT_EQ(next.dropped(), 1u);
  has_room();
  write_out("three\n");
  pump_once(next, Stream::Out);
  adopt();
  EXPECT_EQ(log(), out_full + "one\n" + missing(1) + out_full + "three\n");
}

TEST_F(UnwritableLog, TheCountOfDroppedLinesIsKeptAsSoonAsThePauseHasRoom) {
  {
    LogPump pump = begin();
    refuses_ = true;
    write_out("two\n");
    EXPECT_EQ(pump_once(pump, Stream::Out).bytes, 4u) << "the container does not wait";
    EXPECT_FALSE(log_.kept.drops);
    refuses_ = false;
    write_out("three\n");
    pump_once(pump, Stream::Out);
  }
  EXPECT_EQ(adopt().dropped(), 2u);
}

TEST_F(UnwritableLog, ADrainWritesTheNumberOfDroppedLines) {
  LogPump pump = begin();
  write_out("two\nthr");
  pump_once(pump, Stream::Out);
  has_room();
  ASSERT_TRUE(pump.drain());
  EXPECT_EQ(log(), out_full + "one\n" + missing(1) + out_partial + "thr\n");
}

TEST_F(UnwritableLog, AnUnfinishedLineIsKeptWhileLinesAreDropped) {
  LogPump pump = begin();
  write_out("two\nthr");
  pump_once(pump, Stream::Out);
  has_room();
  write_out("ee\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + "one\n" + missing(1) + out_full + "three\n");
}

TEST_F(UnwritableLog, AMissingLogFileIsCreatedOnceThatIsPossible) {
  auto nowhere = missing_log_file();
  ASSERT_TRUE(nowhere);
  ::unlink(path_.c_str());
  ::chmod(app_.c_str(), 0700);
  std::filesystem::remove(app_);
  std::ofstream(app_) << "in the directory's place";
  log_.kept.file = std::move(*nowhere);
  LogPump pump = adopt();
  write_out("one\n");
  EXPECT_EQ(pump_once(pump, Stream::Out).bytes, 4u);
  EXPECT_EQ(pump.trouble()->number, ENOTDIR);
  std::filesystem::remove(app_);
  write_out("two\n");
  pump_once(pump, Stream::Out);
  EXPECT_TRUE(log().ends_with(out_full + "two\n")) << log();
  EXPECT_TRUE(log().starts_with(err_full + "podrun: 1 line is missing here")) << log();
}

// Writing to /dev/full fails with ENOSPC.
class LogOnAFullDisk : public Logs {
 protected:
  bool make_room() override {
    if (--removable_ < 0) return false;
    if (removes_own_file_) ::unlink(path_.c_str());
    if (removable_ == 0) ::dup3(disk_.get(), pump_file_, O_CLOEXEC);
    return true;
  }
  LogPump begin(int removable) {
    LogPump pump = adopt();
    pump_file_ = pump.descriptors().file.get();
    disk_ = Fd(::fcntl(pump_file_, F_DUPFD_CLOEXEC, 3));
    const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    ::dup3(full.get(), pump_file_, O_CLOEXEC);
    removable_ = removable;
    return pump;
  }
  int removable_ = 0;
  bool removes_own_file_ = false;
  int pump_file_ = -1;
  Fd disk_;
};

TEST_F(LogOnAFullDisk, OtherFilesAreRemovedUntilThereIsRoom) {
  LogPump pump = begin(3);
  write_out("one\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(removable_, 0);
  EXPECT_FALSE(pump.trouble());
  EXPECT_EQ(log(), out_full + "one\n");
}

// It has the name of a rotated file if a former supervisor could not make the next one.
TEST_F(LogOnAFullDisk, LinesAreNotWrittenToAFileThatWasRemovedToMakeRoom) {
  LogPump pump = begin(1);
  removes_own_file_ = true;
  write_out("one\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + "one\n");
}

}  // namespace
}  // namespace podrun::supervisor
