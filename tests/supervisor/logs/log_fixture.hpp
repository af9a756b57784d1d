// The log of an instance without a pause and a container: the test has their descriptors.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "supervisor/logs/cri_log_format.hpp"
#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_pump.hpp"
#include "tests/supervisor/directory_handles.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {

inline const std::string out_full = "1970-01-01T00:00:01.000000000Z stdout F ";
inline const std::string out_partial = "1970-01-01T00:00:01.000000000Z stdout P ";
inline const std::string err_full = "1970-01-01T00:00:01.000000000Z stderr F ";
inline const std::string err_partial = "1970-01-01T00:00:01.000000000Z stderr P ";

inline WallTime one_second() {
  return WallTime(std::chrono::seconds(1));
}

// Duplicates of the descriptors, as the pause holds them while there is no supervisor.
inline LogDescriptors duplicate(const LogDescriptors& all) {
  const auto copy = [](const Fd& fd) { return Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)); };
  return {.out = copy(all.out),
          .err = copy(all.err),
          .out_journal_in = copy(all.out_journal_in),
          .out_journal_out = copy(all.out_journal_out),
          .err_journal_in = copy(all.err_journal_in),
          .err_journal_out = copy(all.err_journal_out),
          .file = copy(all.file),
          .drops = copy(all.drops)};
}

/// The output of a container to STREAM, read from its log. Each line must be a record.
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

/// The log of one instance, with the descriptors of the pause and of the container.
class Logs : public testing::Test {
 protected:
  void SetUp() override {
    auto file = create_log_file(*folder_, "0.log");
    ASSERT_TRUE(file) << file.error().message;
    auto log = create_log(std::move(*file));
    ASSERT_TRUE(log) << log.error().message;
    log_ = std::move(*log);
  }

  // The test is the pause, and keeps the descriptors that it is given.
  virtual Result<> keep(const LogDescriptors& log) {
    log_.kept = duplicate(log);
    return {};
  }
  // A log pump asks for room on a full disk. Here nothing can be removed, unless a test overrides this.
  virtual bool make_room() { return false; }

  LogPump make_pump() {
    return LogPump(duplicate(log_.kept), folder_, 0,
                   {.clock = one_second,
                    .keep = [this](const LogDescriptors& log) { return keep(log); },
                    .make_room = [this] { return make_room(); }});
  }

  // The log pump of the next supervisor, which has recovered the log.
  LogPump adopt() {
    LogPump pump = make_pump();
    const auto recovered = pump.recover();
    EXPECT_TRUE(recovered) << recovered.error().message;
    return pump;
  }

  void write_out(std::string_view text) { write_to(log_.out_write, text); }
  void write_err(std::string_view text) { write_to(log_.err_write, text); }
  static void write_to(const Fd& fd, std::string_view text) {
    ASSERT_EQ(::write(fd.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  static LogPump::PumpResult pump_once(LogPump& pump, Stream stream) {
    const auto pumped = pump.pump(stream);
    EXPECT_TRUE(pumped) << pumped.error().message;
    return pumped.value_or(LogPump::PumpResult{});
  }

  std::string log() const { return contents_of(path_); }
  /// The text of all files in order, without the hole that fill() has made.
  std::string whole_log() const {
    std::string text;
    for (const LogFileStat& found : find_logs(*folder_)) {
      const Fd file(::open((app_ + "/" + found.file.name()).c_str(), O_RDONLY | O_CLOEXEC));
      const off_t data_begin = ::lseek(file.get(), 0, SEEK_DATA);
      const off_t begin = data_begin < 0 ? found.size : data_begin;
      std::string data(static_cast<std::size_t>(found.size - begin), '\0');
      EXPECT_EQ(::pread(file.get(), data.data(), data.size(), begin), static_cast<ssize_t>(data.size()));
      text += data;
    }
    return text.substr(std::min(text.find_first_not_of('\0'), text.size()));
  }
  /// Leaves ROOM bytes before the file is rotated. The file begins with a hole.
  void fill(off_t room) {
    ASSERT_EQ(::ftruncate(log_.kept.file.get(), largest_log - room), 0);
    ASSERT_EQ(::lseek(log_.kept.file.get(), 0, SEEK_END), largest_log - room);
  }

  // The single steps of the transaction.
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
  std::string app_ = directory_ / "pod/app";
  LogFolder folder_ = std::make_shared<ns::DirectoryHandle>(directory_ / "", "pod/app");
  std::string path_ = app_ + "/0.log";
  NewLog log_;
};

}  // namespace podrun::supervisor
