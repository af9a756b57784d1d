// Finds where the last lines of a log begin: `podrun logs --tail`. A line that was split is several records (P, P, F),
// and records of the other stream may lie between them.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "pod/text/result.hpp"
#include "supervisor/logs/log_descriptors.hpp"

namespace podrun::supervisor {

/// Goes back through the files of an instance, from the last one's end, until it has found the beginnings of the last
/// lines. An unfinished line counts as a line.
class TailScan {
 public:
  explicit TailScan(std::size_t lines) : left_(lines) {}

  /// Goes through one file, from its end back. `number` is the file's; the first call is for the last file.
  Result<> go_through(int file, std::size_t number);
  /// Whether earlier records do not matter.
  bool is_done() const { return left_ == 0 && !open_[0] && !open_[1]; }

  /// The file and the offset of the first record of the last lines.
  std::size_t file() const { return file_; }
  off_t offset() const { return offset_; }
  /// The number of records of each stream, from there on, that belong to earlier lines.
  const std::array<std::size_t, 2>& earlier() const { return earlier_; }

 private:
  void take(std::string_view head, std::size_t file, off_t offset);
  void begin_at(std::size_t file, off_t offset);

  std::size_t left_;      // the lines that are not yet found
  std::size_t file_ = 0;  // of the first record
  off_t offset_ = 0;
  bool any_file_ = false;
  std::array<bool, 2> seen_{}, open_{};   // by Stream: any record; the beginning of a line is being searched
  std::array<std::size_t, 2> others_{};   // by Stream: the records of earlier lines so far
  std::array<std::size_t, 2> earlier_{};  // the same, when the first record was found
};

}  // namespace podrun::supervisor
