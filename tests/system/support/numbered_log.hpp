// The log of the probe's `flood`, read while its files are rotated and removed.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"
#include "supervisor/logs/log_files.hpp"

namespace podrun::test {

/// The log of a container. look() opens its files, so that it can read them after their removal.
class NumberedLog {
 public:
  /// DIRECTORY is that of the container, and has a log.
  explicit NumberedLog(const std::string& directory) : folder_(std::make_shared<ns::DirectoryHandle>(directory, "")) {}

  /// Opens new files and reads at most MOST bytes. False if there was nothing to read.
  bool look(std::size_t most = 1 << 20);

  long lines() const { return next_; }
  std::size_t files() const { return files_; }
  /// The number of the first line in the newest file that was open and not empty at the last look.
  long newest_begins_at() const { return newest_begins_at_; }
  bool ended() const { return ended_; }
  /// The first line that is not the expected one, or a file that was rotated early. "" if each line came once and in
  /// order.
  const std::string& fault() const { return fault_; }

 private:
  void open_files();
  void find_begin_of_newest();
  void leave_file();
  void check(std::string_view line);

  supervisor::LogFolder folder_;
  std::deque<supervisor::LogCursor> places_;  // from the file that is being read to the newest
  std::size_t files_ = 0;
  long newest_begins_at_ = 0;
  std::string text_;
  long next_ = 0;
  bool ended_ = false;
  std::string fault_;
};

/// Lets a `flood` write, but only so far that the retention of its log removes no file that its NumberedLog has not
/// opened, however seldom that looks.
class FloodPermits {
 public:
  /// Makes the FIFO of the flood, and gives the first permits.
  explicit FloodPermits(const std::string& fifo);

  /// All files before that with this line are open.
  void permit_after(long line);

 private:
  Fd fifo_;
  long given_ = 0;
};

}  // namespace podrun::test
