// Reads the log files of a container as one stream of records.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "pod/text/result.hpp"
#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_screen.hpp"

namespace podrun::supervisor {

/// Which records of a container are read.
struct LogSelection {
  bool previous = false;            ///< the instance before the newest
  std::optional<std::size_t> tail;  ///< only its last lines
  std::string since{};              ///< only lines that begin at this time, as rfc3339() writes it, or later
  std::string until{};              ///< only lines that begin before this time; "": all
};

/// The records of a container, in order, across files and instances.
class LogRecordReader {
 public:
  /// `name` and `index` are those of the container, for source().
  LogRecordReader(LogFolder folder, std::string name, std::size_t index)
      : folder_(std::move(folder)), name_(std::move(name)), index_(index) {}

  /// Goes to the newest instance, or to the one before it, and there to its last lines if only these are selected.
  /// False if there is none.
  Result<bool> begin(const LogSelection& selection);
  /// Goes to `offset` in `file`, which was opened in the folder.
  void begin_at(Fd file, off_t offset);
  /// Whether exactly the records before `offset` of that file have been taken.
  bool is_at(ino_t inode, off_t offset) const;

  /// The next record, valid until pop(); null at the end. With `onwards`, records of later instances follow.
  Result<const Record*> peek(bool onwards);
  /// Takes the record that peek() returned.
  void pop() { record_.reset(); }

  /// Has the next peek() look for new files and records after an end was reached.
  void look_again() { at_end_ = false; }

  ns::DirectoryHandle& folder() { return *folder_; }
  LogSource source() const { return {.name = name_, .index = index_, .instance = place_.instance()}; }

 private:
  Result<> begin_at_tail(std::size_t lines);
  bool is_selected(const Record& record);
  Result<> read_on(bool onwards);
  Result<bool> read_some();
  Result<LogCursor> next_place(bool onwards);

  LogFolder folder_;
  std::string name_;
  std::size_t index_;
  LogCursor place_;
  off_t offset_ = 0;
  std::string text_;  // the text that was read last
  std::size_t used_ = 0;
  std::optional<Record> record_;
  bool at_end_ = false;
  std::string since_, until_;                    // of LogSelection
  std::array<std::size_t, 2> earlier_{};         // by Stream: how many records of lines before the tail come next
  std::array<bool, 2> continues_{}, left_out_{};  // by Stream: the next record continues a line; that line is left out
};

}  // namespace podrun::supervisor
