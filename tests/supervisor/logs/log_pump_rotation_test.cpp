// Log files are rotated at their size. If a log cannot be written, lines are dropped and counted.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <functional>
#include <string>

#include "tests/supervisor/logs/log_fixture.hpp"

namespace podrun::supervisor {
namespace {

class LogRotation : public Logs {
 protected:
  std::vector<off_t> sizes() const {
    std::vector<off_t> sizes;
    for (const LogFileStat& found : find_logs(*folder_)) sizes.push_back(found.size);
    return sizes;
  }
};

TEST_F(LogRotation, AFileIsRotatedBeforeItExceedsTheMaximumSize) {
  const off_t record = static_cast<off_t>(out_full.size()) + 4;
  fill(2 * record);
  LogPump pump = adopt();
  write_out("one\n");
  pump_once(pump, Stream::Out);
  write_out("two\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(sizes(), std::vector<off_t>{largest_log});
  write_out("3rd\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(sizes(), (std::vector<off_t>{largest_log, record}));
  EXPECT_EQ(log(), out_full + "3rd\n") << "the newest has the name";
  EXPECT_EQ(text_of(whole_log(), Stream::Out), "one\ntwo\n3rd\n");
}

TEST_F(LogRotation, ARotationUpdatesTheDescriptorHeldByThePause) {
  fill(0);
  LogPump pump = adopt();
  write_out("one\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(::lseek(log_.kept.file.get(), 0, SEEK_CUR), static_cast<off_t>(log().size()));
  adopt();
  EXPECT_EQ(log(), out_full + "one\n");
}

TEST_F(LogRotation, RotationsAtTheSameInstantGetDistinctNames) {
  LogPump pump = adopt();
  for (int i = 0; i < 12; ++i) {
    fill(0);
    pump = adopt();
    write_out(std::to_string(i) + "\n");
    pump_once(pump, Stream::Out);
  }
  EXPECT_EQ(sizes().size(), 13u);
  EXPECT_EQ(log(), out_full + "11\n");
}

TEST_F(LogRotation, ALineWrittenInPartsSurvivesARotation) {
  fill(60);
  LogPump pump = adopt();
  write_out("hel");
  ASSERT_TRUE(pump.drain());
  write_out("lo\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(sizes().size(), 2u);
  EXPECT_EQ(text_of(whole_log(), Stream::Out), "hello\n");
}

TEST_F(LogRotation, TheNextSupervisorCompletesAnInterruptedRotation) {
  write_file(out_full + "one\n", 0);
  ::rename(path_.c_str(), (app_ + "/0.log.20261124-063834.123456789").c_str());
  for (const bool there_is_a_new_one : {false, true}) {
    if (there_is_a_new_one) {
      ::unlink(path_.c_str());
      ASSERT_TRUE(create_log_file(*folder_, "0.log"));
    }
    LogPump pump = adopt();
    write_out("two\n");
    pump_once(pump, Stream::Out);
    EXPECT_EQ(log(), out_full + "two\n");
  }
}

TEST_F(LogRotation, ARemovedLogFileIsReplacedByTheNextRotation) {
  LogPump pump = adopt();
  ::unlink(path_.c_str());
  write_out("one\n");
  pump_once(pump, Stream::Out);
  fill(0);
  pump = adopt();
  write_out("two\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + "two\n");
}

TEST_F(LogRotation, AFailedRotationLeavesALargerFile) {
  fill(0);
  LogPump pump = adopt();
  // A directory has the name that the rotated file would get.
  ASSERT_EQ(::mkdir((app_ + "/0.log.19700101-000001.000000000").c_str(), 0700), 0);
  write_out("one\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(sizes(), std::vector<off_t>{largest_log + static_cast<off_t>(out_full.size()) + 4});
}

// ---- a log that cannot be written ----

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
    if (removable_ == 0) ::dup3(disk_.get(), pump_file_, O_CLOEXEC);
    return true;
  }
  int removable_ = 0;
  int pump_file_ = -1;
  Fd disk_;
};

TEST_F(LogOnAFullDisk, OtherFilesAreRemovedUntilThereIsRoom) {
  LogPump pump = adopt();
  pump_file_ = pump.descriptors().file.get();
  disk_ = Fd(::fcntl(pump_file_, F_DUPFD_CLOEXEC, 3));
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ::dup3(full.get(), pump_file_, O_CLOEXEC);
  removable_ = 3;
  write_out("one\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(removable_, 0);
  EXPECT_FALSE(pump.trouble());
  EXPECT_EQ(log(), out_full + "one\n");
}

}  // namespace
}  // namespace podrun::supervisor
