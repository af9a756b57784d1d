// A container's log files: their names, their order, and the way from one to the next while they are rotated
// and removed.
//
//   <instance>.log                                the last of an instance's; the newest one grows
//   <instance>.log.<YYYYMMDD-HHMMSS.nnnnnnnnn>    rotated: the kubelet's name and the rest of the second
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

/// One of them, by its name.
struct LogFile {
  std::uint64_t instance = 0;
  std::string rotated;  ///< when, as the name has it; "" for the last of an instance's

  std::string name() const;
  /// The order in which they were written.
  std::strong_ordering operator<=>(const LogFile& other) const;
  bool operator==(const LogFile&) const = default;
};

/// The inverse of LogFile::name(); empty if it is no such name.
std::optional<LogFile> parse_log_name(std::string_view name);

/// What the name says of a file that is rotated NOW: something later than LAST, whatever the clock says.
std::string rotation_time(WallTime now, const std::string& last);

/// A file as it was found.
struct LogFileStat {
  LogFile file;
  ino_t inode = 0;
  off_t size = 0;
};

/// A container's folder of logs: who works with it holds one and the same.
using LogFolder = std::shared_ptr<ns::DirectoryHandle>;

/// The log files in a container's folder, in order; none if it is not open.
std::vector<LogFileStat> find_logs(const ns::DirectoryHandle& folder);

/// A reader's place among them: the one it has open.
class LogCursor {
 public:
  LogCursor() = default;
  /// FILE was opened in FOLDER, whatever its name is by now.
  LogCursor(LogFolder folder, Fd file);
  /// FILE is the first of a new instance's, or stands for it: no file, and that one will be the next.
  LogCursor(LogFolder folder, Fd file, std::uint64_t instance);

  /// At the beginning of the newest instance's first file, or of the one's BACK before it. No place if there
  /// is none. A folder that is not open is opened, if it is there by now; an error if it is something else.
  static Result<LogCursor> in_newest(const LogFolder& folder, std::size_t back);
  /// At the beginning of the next file; no place if there is none yet. If there is, this one is complete.
  Result<LogCursor> next();

  explicit operator bool() const { return static_cast<bool>(file_); }
  int fd() const { return file_.get(); }
  std::uint64_t instance() const { return instance_; }
  bool is_in(const LogFileStat& found) const { return file_ && found.inode == inode_; }
  /// Whether FOUND is a file that it comes to later.
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
      before_;  // what comes after this one, comes after that one: known when this one has gone
};

}  // namespace podrun::supervisor
