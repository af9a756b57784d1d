// Reads the log files of a container; see log_record_reader.hpp.
#include "supervisor/logs/log_record_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace podrun::supervisor {
namespace {

// The offset of the last `lines` whole lines of a file. Subtracts the number of lines found from `lines`.
Result<off_t> start_of_tail(int file, std::size_t& lines) {
  off_t at = ::lseek(file, 0, SEEK_END);
  std::array<char, 16 * 1024> block;
  bool first = true;  // the newline at the end of the file begins no further line
  while (at > 0) {
    const std::size_t size = std::min(block.size(), static_cast<std::size_t>(at));
    at -= static_cast<off_t>(size);
    if (::pread(file, block.data(), size, at) != static_cast<ssize_t>(size))
      return fail_system("cannot read a log");
    for (std::size_t i = size; i-- > 0;) {
      if (block[i] != '\n') continue;
      if (!std::exchange(first, false)) --lines;
      if (lines == 0) return at + static_cast<off_t>(i) + 1;
    }
  }
  if (!first) --lines;
  return 0;
}

}  // namespace

Result<bool> LogRecordReader::begin(bool previous, std::optional<std::size_t> tail) {
  place_ = TRY(LogCursor::in_newest(folder_, previous ? 1 : 0));
  if (!place_) {
    place_ = LogCursor(folder_, Fd(), 0);  // before the first file, which does not exist yet
    return false;
  }
  if (tail) TRY_VOID(begin_at_tail(*tail));
  return true;
}

void LogRecordReader::begin_at(Fd file, off_t offset) {
  place_ = LogCursor(folder_, std::move(file));
  offset_ = offset;
}

bool LogRecordReader::is_at(ino_t inode, off_t offset) const {
  return !record_ && used_ == text_.size() && offset_ == offset && place_.is_in({.inode = inode});
}

// Goes through the files of the instance from the last one back.
Result<> LogRecordReader::begin_at_tail(std::size_t lines) {
  std::vector<LogCursor> places;
  for (LogCursor next = std::move(place_); next;) {
    places.push_back(std::move(next));
    next = TRY(places.back().next());
    if (next && next.instance() != places.back().instance()) break;
  }
  do {
    place_ = std::move(places.back());
    places.pop_back();
    offset_ = TRY(start_of_tail(place_.fd(), lines));
  } while (lines > 0 && !places.empty());
  return {};
}

Result<const Record*> LogRecordReader::peek(bool onwards) {
  while (!record_ && !at_end_) {
    if (used_ == text_.size()) {
      TRY_VOID(read_on(onwards));
      continue;
    }
    std::string_view left = std::string_view(text_).substr(used_);
    record_ = record_or_text(cut_line(left));
    used_ = text_.size() - left.size();
  }
  return record_ ? &*record_ : nullptr;
}

Result<> LogRecordReader::read_on(bool onwards) {
  if (TRY(read_some())) return {};
  LogCursor next = TRY(next_place(onwards));
  at_end_ = !next;
  // Once there is another file, this one is complete; but it may have grown between the last read and that moment.
  if (!next || TRY(read_some())) return {};
  place_ = std::move(next);
  offset_ = 0;
  return {};
}

// Reads some lines. False at the end of the file.
Result<bool> LogRecordReader::read_some() {
  text_ = place_ ? TRY(read_lines(place_.fd(), offset_)) : "";
  offset_ += static_cast<off_t>(text_.size());
  used_ = 0;
  return !text_.empty();
}

Result<LogCursor> LogRecordReader::next_place(bool onwards) {
  LogCursor next = TRY(place_.next());
  const bool wanted = onwards || (place_ && next.instance() == place_.instance());
  return wanted ? std::move(next) : LogCursor();
}

}  // namespace podrun::supervisor
