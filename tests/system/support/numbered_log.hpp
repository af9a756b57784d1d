// What the probe's `flood` has logged, read while it is rotated and removed.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "supervisor/logs/log_files.hpp"

namespace podrun::test {

/// A container's log. Removed files are read all the same if look() has been called in time.
class NumberedLog {
 public:
  /// The container's DIRECTORY must have a log.
  explicit NumberedLog(const std::string& directory) : folder_(std::make_shared<ns::DirectoryHandle>(directory, "")) {}

  /// Opens the files that have come and reads at most MOST bytes of them. False if there was nothing to read.
  bool look(std::size_t most = 1 << 20);

  long lines() const { return next_; }
  std::size_t files() const { return files_; }
  bool ended() const { return ended_; }
  /// The first line that was not the one that had to come; "" if each came once and in order.
  const std::string& fault() const { return fault_; }

 private:
  void open_files();
  void check(std::string_view line);

  supervisor::LogFolder folder_;
  std::deque<supervisor::LogCursor> places_;  // from the one that is read to the newest
  std::size_t files_ = 0;
  std::string text_;
  long next_ = 0;
  bool ended_ = false;
  std::string fault_;
};

}  // namespace podrun::test
