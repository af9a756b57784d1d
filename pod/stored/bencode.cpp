// Reads bencode.
#include "pod/stored/bencode.hpp"

#include <fmt/format.h>

namespace podrun::pod::bencode {

std::string_view Reader::text() {
  if (!mistake_.empty()) return {};
  std::size_t length = 0;
  const char* const begin = text_.data() + at_;
  const char* const end = text_.data() + text_.size();
  const auto [after, error] = std::from_chars(begin, end, length);
  if (error != std::errc() || after == end || *after != ':') return note("is no string"), std::string_view();
  if (length > static_cast<std::size_t>(end - after - 1)) return note("is longer than the text"), std::string_view();
  at_ = static_cast<std::size_t>(after + 1 - text_.data()) + length;
  return {after + 1, length};
}

bool Reader::more() {
  if (!mistake_.empty()) return false;
  if (at_ >= text_.size()) return note("is missing"), false;
  return !take('e');
}

void Reader::note(std::string_view mistake) {
  if (mistake_.empty()) mistake_ = fmt::format("what is at byte {} {}", at_, mistake);
}

}  // namespace podrun::pod::bencode
