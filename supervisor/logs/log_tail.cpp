// Finds where the last lines of a log begin; see log_tail.hpp.
#include "supervisor/logs/log_tail.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "supervisor/logs/log_screen.hpp"

namespace podrun::supervisor {
namespace {

// As many bytes of a line as tell its stream, and whether it is a part.
constexpr std::size_t head_size = 64;

}  // namespace

Result<> TailScan::go_through(int file, std::size_t number) {
  std::array<char, 16 * 1024 + head_size> block;
  off_t at = ::lseek(file, 0, SEEK_END);
  std::optional<off_t> end;  // of the record whose beginning is searched; what follows the last newline is no record
  const bool is_last = !std::exchange(any_file_, true);
  if (is_last) begin_at(number, 0);
  std::size_t got = 0;
  const auto head_at = [&](std::size_t index) {
    const auto length = static_cast<std::size_t>(*end - at) - index;
    return std::string_view(block.data() + index, std::min({length, head_size, got - index}));
  };
  while (at > 0 && (!end || !is_done())) {
    const std::size_t size = std::min(block.size() - head_size, static_cast<std::size_t>(at));
    at -= static_cast<off_t>(size);
    const ssize_t length = ::pread(file, block.data(), size + head_size, at);
    if (length < static_cast<ssize_t>(size)) return fail_system("cannot read a log");
    got = static_cast<std::size_t>(length);
    for (std::size_t i = size; i-- > 0 && (!end || !is_done());) {
      if (block[i] != '\n') continue;
      const off_t begin = at + static_cast<off_t>(i) + 1;
      if (end)
        take(head_at(i + 1), number, begin);
      else if (is_last)
        begin_at(number, begin);  // the end of the log: without lines, all that there is to show
      end = begin - 1;
    }
  }
  if (end && !is_done()) take(head_at(0), number, 0);
  return {};
}

void TailScan::take(std::string_view head, std::size_t file, off_t offset) {
  const Record record = record_or_text(head);
  const auto stream = static_cast<std::size_t>(record.stream);
  const bool is_seen = std::exchange(seen_[stream], true);
  if (!record.partial || !is_seen) {  // the last record of a line
    open_[stream] = left_ > 0;
    if (left_ > 0) --left_;
  }
  if (open_[stream])
    begin_at(file, offset);
  else
    ++others_[stream];
}

void TailScan::begin_at(std::size_t file, off_t offset) {
  file_ = file;
  offset_ = offset;
  earlier_ = others_;
}

}  // namespace podrun::supervisor
