// The log of the probe's `flood`.
#include "tests/system/support/numbered_log.hpp"

#include <unistd.h>

#include <charconv>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "supervisor/logs/cri_log_format.hpp"

namespace podrun::test {

bool NumberedLog::look(std::size_t most) {
  open_files();
  if (places_.empty()) return false;
  const std::size_t before = text_.size();
  text_.resize(before + most);
  const ssize_t length = ::read(places_.front().fd(), text_.data() + before, most);
  text_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  if (length <= 0) {
    // There is a newer file, so this one was complete when it was read.
    const bool more = places_.size() > 1;
    if (more) places_.pop_front();
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

void NumberedLog::check(std::string_view line) {
  const auto record = supervisor::parse_record(line);
  std::string_view text = record ? record->text : "";
  if (text == "end" && !ended_) {
    ended_ = true;
    return;
  }
  long number = -1;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  const bool right = record && error == std::errc() && !record->partial && !ended_ && number == next_ &&
                     text.size() == 1 + static_cast<std::size_t>(number % 100) &&
                     text.ends_with(number % 100 ? 'x' : ' ');
  if (!right && fault_.empty()) fault_ = fmt::format("in place of line {}: {}", next_, line);
  ++next_;
}

}  // namespace podrun::test
