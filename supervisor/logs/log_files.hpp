// The log files of a container: names, order, and stepping from one file to the next while files are rotated and
// removed.
//
//   <instance>.log                                the last file of an instance; the newest instance's grows
//   <instance>.log.<YYYYMMDD-HHMMSS.nnnnnnnnn>    a rotated file: the kubelet's name with a fraction of the second
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/directory_handle.hpp"
#include "pod/text/result.hpp"
#include "supervisor/logs/cri_log_format.hpp"

namespace podrun::supervisor {

/// The name of a log file, taken apart.
struct LogFile {
  std::uint64_t instance = 0;
  std::string rotated;  ///< the time of the rotation as in the name; "" for the last file of an instance

  /// The file name.
  std::string name() const;
  /// The order in which they were written.
  std::strong_ordering operator<=>(const LogFile& other) const;
  bool operator==(const LogFile&) const = default;
};

/// The inverse of LogFile::name(); empty if `name` is not a log file's name.
std::optional<LogFile> parse_log_name(std::string_view name);

/// The time in the name of a file that is rotated at `now`: always later than `last`, even if the clock was set back.
std::string rotation_time(WallTime now, const std::string& last);

/// A log file with its attributes.
struct LogFileStat {
  LogFile file;
  ino_t inode = 0;
  off_t size = 0;
};

/// The folder of a container's logs. All users of the folder share one object.
using LogFolder = std::shared_ptr<ns::DirectoryHandle>;

/// The log files in a container's folder, in order; none if the folder is not open.
std::vector<LogFileStat> find_logs(const ns::DirectoryHandle& folder);

/// The name for a file of an instance that is rotated at `now`: it comes after all others that are rotated.
LogFile next_rotated(const ns::DirectoryHandle& folder, std::uint64_t instance, WallTime now);

/// A reader's position in the sequence of log files: the file that it has open.
class LogCursor {
 public:
  LogCursor() = default;
  /// `file` was opened in `folder`; its name may have changed since.
  LogCursor(LogFolder folder, Fd file);
  /// `file` is the first file of a new instance, or empty: then that file will be the next one.
  LogCursor(LogFolder folder, Fd file, std::uint64_t instance);

  /// A cursor at the beginning of the first file of the newest instance, or of the instance `back` before it; empty if
  /// there is none. Opens the folder if it is not open and exists; a folder that cannot be opened otherwise is an
  /// error.
  static Result<LogCursor> in_newest(const LogFolder& folder, std::size_t back);
  /// A cursor at the beginning of the next file; empty if there is none yet. If there is one, the present file is
  /// complete.
  Result<LogCursor> next();

  explicit operator bool() const { return static_cast<bool>(file_); }
  int fd() const { return file_.get(); }
  std::uint64_t instance() const { return instance_; }
  bool is_in(const LogFileStat& found) const { return file_ && found.inode == inode_; }
  /// Whether `found` comes later in the sequence than the present file.
  bool is_before(const LogFileStat& found) const {
    return file_ && !is_in(found) && (!before_ || found.file > *before_);
  }

 private:
  using Choice = std::function<const LogFileStat*(const std::vector<LogFileStat>&)>;
  static Result<LogCursor> open(const LogFolder& folder, const Choice& choose);
  const LogFileStat* find_next(const std::vector<LogFileStat>& logs);

  LogFolder folder_;
  Fd file_;
  ino_t inode_ = 0;
  std::uint64_t instance_ = 0;
  std::optional<LogFile>
      before_;  // the file before the present one: used to find the successor after the present file was removed
};

}  // namespace podrun::supervisor
