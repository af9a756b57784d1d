// Writes and reads bencode. The functions are here, not in the header, because there are thousands of calls.
#include "pod/stored/bencode.hpp"

#include <charconv>

#include <fmt/format.h>

namespace podrun::pod::bencode {
namespace {

template <typename Number>
void append_digits(std::string& to, Number value) {
  char buffer[24];
  to.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

}  // namespace

void Writer::text(std::string_view bytes) {
  append_digits(text_, bytes.size());
  text_ += ':';
  text_ += bytes;
}

void Writer::number(std::int64_t value) {
  text_ += 'i';
  append_digits(text_, value);
  text_ += 'e';
}

void Writer::number(std::uint64_t value) {
  text_ += 'i';
  append_digits(text_, value);
  text_ += 'e';
}

void Writer::begin_list() { text_ += 'l'; }
void Writer::begin_dictionary() { text_ += 'd'; }
void Writer::end() { text_ += 'e'; }

bool Reader::take(char c) {
  if (!mistake_.empty() || at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

template <typename Wide>
Wide Reader::wide_number() {
  Wide value{};
  const char* const end = text_.data() + text_.size();
  if (!take('i')) return note("is no integer"), value;
  const auto [after, error] = std::from_chars(text_.data() + at_, end, value);
  if (error != std::errc() || after == end || *after != 'e') return note("is no integer of its range"), Wide{};
  at_ = static_cast<std::size_t>(after + 1 - text_.data());
  return value;
}
template std::int64_t Reader::wide_number<std::int64_t>();
template std::uint64_t Reader::wide_number<std::uint64_t>();

void Reader::open_list() {
  if (!take('l')) note("is no list");
}
void Reader::open_dictionary() {
  if (!take('d')) note("is no dictionary");
}
void Reader::finish() {
  if (at_ != text_.size()) note("is followed by more");
}

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

void Reader::note(std::string_view mistake, std::string_view what) {
  if (mistake_.empty()) note(fmt::format("{}{}", mistake, what));
}

}  // namespace podrun::pod::bencode
