// An instance's log without a pause or a container: the test holds their descriptors.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "supervisor/cri.hpp"
#include "supervisor/logs.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {

inline const std::string out_full = "1970-01-01T00:00:01.000000000Z stdout F ";
inline const std::string out_partial = "1970-01-01T00:00:01.000000000Z stdout P ";
inline const std::string err_full = "1970-01-01T00:00:01.000000000Z stderr F ";
inline const std::string err_partial = "1970-01-01T00:00:01.000000000Z stderr P ";

inline WallTime one_second() {
  return WallTime(std::chrono::seconds(1));
}

// The descriptors as another holder has them: the pause, across a supervisor's death.
inline LogDescriptors duplicate(const LogDescriptors& all) {
  const auto copy = [](const Fd& fd) { return Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); };
  return {.out = copy(all.out),
          .err = copy(all.err),
          .out_journal_in = copy(all.out_journal_in),
          .out_journal_out = copy(all.out_journal_out),
          .err_journal_in = copy(all.err_journal_in),
          .err_journal_out = copy(all.err_journal_out),
          .file = copy(all.file),
          .shown = copy(all.shown)};
}

/// What a container wrote to STREAM, by its log; every line must be a record.
inline std::string text_of(std::string_view log, Stream stream) {
  std::string text;
  while (!log.empty()) {
    const std::string_view line = log.substr(0, log.find('\n'));
    const auto record = parse_record(line);
    EXPECT_TRUE(record && line.size() < log.size()) << line;
    if (!record || line.size() == log.size()) return text;
    log.remove_prefix(line.size() + 1);
    if (record->stream != stream) continue;
    text += record->text;
    if (!record->partial) text += '\n';
  }
  return text;
}

/// One instance's log, with the pause's and the container's ends of it.
class Logs : public testing::Test {
 protected:
  void SetUp() override {
    auto log = create_log(path_);
    ASSERT_TRUE(log) << log.error().message;
    log_ = std::move(*log);
  }

  // A supervisor's pump; what it leaves is found by the next one.
  LogPump adopt() {
    LogPump pump(duplicate(log_.kept), one_second);
    const auto recovered = pump.recover();
    EXPECT_TRUE(recovered) << recovered.error().message;
    return pump;
  }

  void write_out(std::string_view text) { write_to(log_.out_write, text); }
  void write_err(std::string_view text) { write_to(log_.err_write, text); }
  static void write_to(const Fd& fd, std::string_view text) {
    ASSERT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  static LogPump::Pumped pump_once(LogPump& pump, Stream stream) {
    const auto pumped = pump.pump(stream);
    EXPECT_TRUE(pumped) << pumped.error().message;
    return pumped.value_or(LogPump::Pumped{});
  }

  std::string log() const { return contents_of(path_); }

  // Steps of the transaction, by hand.
  void take(std::size_t bytes) {
    ASSERT_EQ(::splice(log_.kept.out.get(), nullptr, log_.kept.out_journal_in.get(), nullptr, bytes,
                       SPLICE_F_NONBLOCK),
              static_cast<ssize_t>(bytes));
  }
  void seal() { ASSERT_EQ(::fcntl(log_.kept.out_journal_out.get(), F_SETFL, O_NONBLOCK), 0); }
  void write_file(std::string_view text, off_t at) {
    ASSERT_EQ(::pwrite(log_.kept.file.get(), text.data(), text.size(), at),
              static_cast<ssize_t>(text.size()));
  }
  void commit(std::size_t bytes) {
    const Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    ASSERT_EQ(::splice(log_.kept.out_journal_out.get(), nullptr, null.get(), nullptr, bytes, 0),
              static_cast<ssize_t>(bytes));
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_ / "pod/app/0.log";
  NewLog log_;
};

}  // namespace podrun::supervisor
