// A supervisor dies after each step of the log's transaction, and the next one recovers the log.
#include <gtest/gtest.h>

#include <string>

#include "tests/supervisor/logs/log_fixture.hpp"

namespace podrun::supervisor {
namespace {

class LogRecovery : public Logs {
 protected:
  void SetUp() override {
    Logs::SetUp();
    LogPump pump = adopt();
    write_out("before\n");
    pump_once(pump, Stream::Out);
    write_out("one\ntwo\nhel");
  }

  // Adopts the log as the next supervisor and drains it to the end of the stream.
  void go_on() {
    LogPump pump = adopt();
    write_out("lo\n");
    pump_once(pump, Stream::Out);
    EXPECT_EQ(log(), before_ + batch_ + out_full + "hello\n");
  }

  const std::string before_ = out_full + "before\n";
  const std::string batch_ = out_full + "one\n" + out_full + "two\n";
  const off_t end_ = static_cast<off_t>(before_.size());
};

TEST_F(LogRecovery, OutputStillInThePipeIsWritten) {
  go_on();
}

TEST_F(LogRecovery, ABatchTakenButNotWrittenIsWritten) {
  take(11);
  go_on();
}

TEST_F(LogRecovery, APartlyTakenBatchIsWritten) {
  take(6);
  LogPump pump = adopt();
  EXPECT_EQ(log(), before_ + out_full + "one\n");
  pump_once(pump, Stream::Out);
  EXPECT_EQ(log(), before_ + batch_);
}

TEST_F(LogRecovery, APartlyWrittenBatchIsCompleted) {
  take(11);
  write_file(batch_.substr(0, 50), end_);
  go_on();
}

TEST_F(LogRecovery, AnUncommittedBatchIsNotDoubled) {
  take(11);
  write_file(batch_, end_);
  go_on();
}

TEST_F(LogRecovery, TextBeyondAnUncommittedBatchIsRemoved) {
  take(11);
  write_file(batch_ + "1970-01-01T00:00:01.000000000Z stdout", end_);
  go_on();
}

TEST_F(LogRecovery, ACommittedBatchIsNotWrittenAgain) {
  take(11);
  write_file(batch_, end_);
  commit(8);
  go_on();
}

TEST_F(LogRecovery, ASecondRecoveryChangesNothing) {
  take(11);
  write_file(batch_.substr(0, 50), end_);
  adopt();
  go_on();
}

TEST_F(LogRecovery, ASealedBatchIsWrittenWithItsUnfinishedLine) {
  take(11);
  seal();
  adopt();
  EXPECT_EQ(log(), before_ + batch_ + out_partial + "hel\n");
}

TEST_F(LogRecovery, APartlyWrittenSealedBatchIsCompleted) {
  take(11);
  seal();
  write_file((batch_ + out_partial + "hel\n").substr(0, 100), end_);
  adopt();
  EXPECT_EQ(log(), before_ + batch_ + out_partial + "hel\n");
}

TEST_F(LogRecovery, ACommittedSealedBatchIsUnsealed) {
  take(11);
  seal();
  write_file(batch_ + out_partial + "hel\n", end_);
  commit(11);
  LogPump pump = adopt();
  EXPECT_EQ(log(), before_ + batch_ + out_partial + "hel\n");
  write_out("lo\nnext");
  pump_once(pump, Stream::Out);
  adopt();
  EXPECT_EQ(log(), before_ + batch_ + out_partial + "hel\n" + out_full + "lo\n") << "the seal is gone";
}

TEST_F(LogRecovery, AnUnfinishedLineOfTheOtherStreamIsKept) {
  LogPump pump = adopt();
  write_err("oh");
  pump_once(pump, Stream::Err);
  take(11);
  write_file(batch_.substr(0, 50), end_);
  go_on();
  LogPump next = adopt();
  write_err("!\n");
  pump_once(next, Stream::Err);
  EXPECT_EQ(log(), before_ + batch_ + out_full + "hello\n" + err_full + "oh!\n");
}

}  // namespace
}  // namespace podrun::supervisor
