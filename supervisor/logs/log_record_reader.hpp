// One container's log files, read as one stream of records.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "pod/text/result.hpp"
#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_screen.hpp"

namespace podrun::supervisor {

/// One container's records, in order, from one file and instance to the next.
class LogRecordReader {
 public:
  LogRecordReader(LogFolder folder, std::string name, std::size_t index)
      : folder_(std::move(folder)), name_(std::move(name)), index_(index) {}

  /// Goes to the newest instance, or the one before; with TAIL to its last records. False if there is none.
  Result<bool> begin(bool previous, std::optional<std::size_t> tail);
  /// Goes to OFFSET in FILE, which was opened in the folder.
  void begin_at(Fd file, off_t offset);
  /// Whether all before OFFSET of that file has been taken, and nothing after it.
  bool is_at(ino_t inode, off_t offset) const;

  /// The next record, valid until pop(); null at the end. `onwards`: those of later instances come too.
  Result<const Record*> peek(bool onwards);
  void pop() { record_.reset(); }

  /// The end is not the end any more, perhaps: the next peek() looks at the files again.
  void look_again() { at_end_ = false; }

  ns::DirectoryHandle& folder() { return *folder_; }
  LogSource source() const { return {.name = name_, .index = index_, .instance = place_.instance()}; }

 private:
  Result<> begin_at_tail(std::size_t lines);
  Result<> read_on(bool onwards);
  Result<bool> read_some();
  Result<LogCursor> next_place(bool onwards);

  LogFolder folder_;
  std::string name_;
  std::size_t index_;
  LogCursor place_;
  off_t offset_ = 0;
  std::string text_;  // what was read last
  std::size_t used_ = 0;
  std::optional<Record> record_;
  bool at_end_ = false;
};

}  // namespace podrun::supervisor
