// The log of the probe's `flood`.
#include "tests/system/support/numbered_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "supervisor/logs/cri_log_format.hpp"
#include "supervisor/logs/log_retention.hpp"
#include "tests/probe/flood_permits.hpp"

namespace podrun::test {
namespace {

/// A file is rotated before a batch of the container's output that would make it too large. No batch is longer.
constexpr off_t longest_batch = 256 << 10;

/// The number at the beginning of a line, which is removed from `text`; -1 if there is none.
long take_number(std::string_view& text) {
  long number = -1;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return error == std::errc() ? number : -1;
}

}  // namespace

bool NumberedLog::look(std::size_t most) {
  open_files();
  if (places_.empty()) return false;
  find_begin_of_newest();
  const std::size_t before = text_.size();
  text_.resize(before + most);
  const ssize_t length = ::read(places_.front().fd(), text_.data() + before, most);
  text_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  if (length <= 0) {
    // There is a newer file, so this one was complete when it was read.
    const bool more = places_.size() > 1;
    if (more) leave_file();
    return more;
  }
  std::string_view left = text_;
  for (std::size_t end; (end = left.find('\n')) != std::string_view::npos; left.remove_prefix(end + 1))
    check(left.substr(0, end));
  text_.erase(0, text_.size() - left.size());
  return true;
}

void NumberedLog::open_files() {
  for (;;) {
    auto next = places_.empty() ? supervisor::LogCursor::in_newest(folder_, 0) : places_.back().next();
    ASSERT_TRUE(next) << next.error().message;
    if (!*next) return;
    places_.push_back(std::move(*next));
    ++files_;
  }
}

void NumberedLog::find_begin_of_newest() {
  char text[256];
  const ssize_t length = ::pread(places_.back().fd(), text, sizeof text, 0);
  const std::string_view begin(text, static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  const std::size_t end = begin.find('\n');
  if (end == std::string_view::npos) return;
  auto record = supervisor::parse_record(begin.substr(0, end));
  if (record) newest_begins_at_ = std::max(newest_begins_at_, take_number(record->text));
}

void NumberedLog::leave_file() {
  struct stat file {};
  ASSERT_EQ(::fstat(places_.front().fd(), &file), 0);
  const bool full = file.st_size <= supervisor::largest_log && file.st_size + longest_batch > supervisor::largest_log;
  // A supervisor that was killed before the pause had its new file has left it empty, and the next one replaces it.
  const bool replaced = file.st_size == 0 && file.st_nlink == 0;
  if (!full && !replaced && fault_.empty())
    fault_ = fmt::format("the file that ends before line {} has {} bytes", next_, file.st_size);
  places_.pop_front();
}

void NumberedLog::check(std::string_view line) {
  const auto record = supervisor::parse_record(line);
  std::string_view text = record ? record->text : "";
  if (text == "end" && !ended_) {
    ended_ = true;
    return;
  }
  const long number = take_number(text);
  const bool right = record && !record->partial && !ended_ && number == next_ &&
                     text.size() == 1 + static_cast<std::size_t>(number % 100) &&
                     text.ends_with(number % 100 ? 'x' : ' ');
  if (!right && fault_.empty()) fault_ = fmt::format("in place of line {}: {}", next_, line);
  ++next_;
}

FloodPermits::FloodPermits(const std::string& fifo) {
  ::mkfifo(fifo.c_str(), 0600);
  fifo_ = Fd(::open(fifo.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  permit_after(0);
}

// The flood has filled at most three files behind that with the line when it waits, and a fourth may have begun. When
// it waits, at least one is behind it, so the next look permits more.
void FloodPermits::permit_after(long line) {
  static_assert(supervisor::kept_files >= 5);
  constexpr long files = 3;
  for (; given_ < line / probe::lines_of_a_permit + files; ++given_)
    ASSERT_EQ(::write(fifo_.get(), "", 1), 1);
}

}  // namespace podrun::test
