// Reads the log files of a container; see log_record_reader.hpp.
#include "supervisor/logs/log_record_reader.hpp"

#include <vector>

#include "supervisor/logs/log_tail.hpp"

namespace podrun::supervisor {

Result<bool> LogRecordReader::begin(const LogSelection& selection) {
  since_ = selection.since;
  until_ = selection.until;
  place_ = TRY(LogCursor::in_newest(folder_, selection.previous ? 1 : 0));
  if (!place_) {
    place_ = LogCursor(folder_, Fd(), 0);  // before the first file, which does not exist yet
    return false;
  }
  if (selection.tail) TRY_VOID(begin_at_tail(*selection.tail));
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
  TailScan scan(lines);
  std::size_t file = places.size();
  do {
    --file;
    TRY_VOID(scan.go_through(places[file].fd(), file));
  } while (file > 0 && !scan.is_done());
  place_ = std::move(places[scan.file()]);
  offset_ = scan.offset();
  earlier_ = scan.earlier();
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
    if (!is_selected(*record_)) record_.reset();
  }
  return record_ ? &*record_ : nullptr;
}

bool LogRecordReader::is_selected(const Record& record) {
  const auto stream = static_cast<std::size_t>(record.stream);
  if (earlier_[stream] > 0) {
    --earlier_[stream];
    return false;
  }
  if (!std::exchange(continues_[stream], record.partial))
    left_out_[stream] = record.time < since_ || (!until_.empty() && record.time >= until_);
  return !left_out_[stream];
}

Result<> LogRecordReader::read_on(bool onwards) {
  if (TRY(read_some())) return {};
  LogCursor next = TRY(next_place(onwards));
  at_end_ = !next;
  // Once there is another file, this one is complete; but it may have grown between the last read and that moment.
  if (!next || TRY(read_some())) return {};
  if (next.instance() != place_.instance()) continues_ = {};
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
