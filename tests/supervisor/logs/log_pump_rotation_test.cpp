// Log files are rotated at their size.
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <fstream>
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

TEST_F(LogRotation, AFileOfAnotherProgramThatHasTheNameIsKept) {
  write_file(out_full + "one\n", 0);
  ::rename(path_.c_str(), (app_ + "/0.log.20261124-063834.123456789").c_str());
  std::ofstream(path_) << out_full << "two\n";
  LogPump pump = adopt();
  write_out("three\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), out_full + "three\n");
  EXPECT_EQ(text_of(whole_log(), Stream::Out), "one\ntwo\nthree\n");
}

TEST_F(LogRotation, AFileThatHasLostItsNameHasNothingOfTheBatchThatTheNextOneGets) {
  write_out("one\ntwo\n");
  take(8);
  write_file(out_full + "one\n" + out_full.substr(0, 20), 0);
  ::rename(path_.c_str(), (app_ + "/0.log.20261124-063834.123456789").c_str());
  adopt();
  EXPECT_EQ(log(), out_full + "one\n" + out_full + "two\n");
  EXPECT_EQ(sizes().front(), 0);
}

// The pause has no room for another descriptor.
class RefusedLog : public LogRotation {
 protected:
  Result<> keep(const LogDescriptors& log) override {
    if (refuses_) return fail("no room");
    return LogRotation::keep(log);
  }
  bool refuses_ = true;
};

TEST_F(RefusedLog, TheNextSupervisorLeavesAnInterruptedRotationAsItIs) {
  write_file(out_full + "one\n", 0);
  ::rename(path_.c_str(), (app_ + "/0.log.20261124-063834.123456789").c_str());
  LogPump pump = adopt();
  write_out("two\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(sizes().size(), 1U) << "readers stay in the file that is written";
  refuses_ = false;
  adopt();
  EXPECT_EQ(log(), "");
  EXPECT_EQ(text_of(whole_log(), Stream::Out), "one\ntwo\n");
}

TEST_F(RefusedLog, AFileThatCannotBeReplacedKeepsItsNameAndGrows) {
  fill(0);
  const Fd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ASSERT_GE(::inotify_add_watch(changes.get(), app_.c_str(), IN_CREATE | IN_MOVE), 0);
  LogPump pump = adopt();
  for (const std::string text : {"one\n", "two\n"}) {
    write_out(text);
    pump_once(pump, Stream::Out);
  }
  EXPECT_FALSE(pump.trouble());
  EXPECT_EQ(sizes().size(), 1U);
  char event[1024];
  EXPECT_LT(::read(changes.get(), event, sizeof event), 0) << "readers would leave the file for another one";
  LogPump next = adopt();
  refuses_ = false;
  write_out("three\n");
  pump_once(next, Stream::Out);
  EXPECT_EQ(log(), out_full + "three\n");
  EXPECT_EQ(text_of(whole_log(), Stream::Out), "one\ntwo\nthree\n");
}

}  // namespace
}  // namespace podrun::supervisor
