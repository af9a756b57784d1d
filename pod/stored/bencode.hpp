// The text form of what is stored: bencode, whose strings hold any bytes and whose parts need no escapes.
//
//   i42e                      an integer
//   3:web                     a string of three bytes
//   l3:web2:dbe               a list
//   d4:name3:web3:pidi42ee    a dictionary: names and values. Names come in the order in which they were written.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace podrun::pod::bencode {

/// Appends values to a text. What begins a list or a dictionary must be ended.
class Writer {
 public:
  void text(std::string_view bytes) {
    digits(bytes.size());
    text_ += ':';
    text_ += bytes;
  }
  template <std::integral Number>
  void number(Number value) {
    text_ += 'i';
    digits(value);
    text_ += 'e';
  }
  void begin_list() { text_ += 'l'; }
  void begin_dictionary() { text_ += 'd'; }
  void end() { text_ += 'e'; }

  std::string take() && { return std::move(text_); }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }

 private:
  template <std::integral Number>
  void digits(Number value) {
    char buffer[24];
    text_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  }

  std::string text_;
};

/// Reads values in the order in which they were written. The first mistake is kept; from then on every value that is
/// read is empty or 0, and more() is false. Nothing is allocated for a length that the text only claims to have.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  /// The bytes of a string. They lie in the text that the reader was made of.
  std::string_view text();

  /// An integer; one that does not fit into the type is a mistake.
  template <std::integral Number>
  Number number() {
    Number value{};
    const char* const end = text_.data() + text_.size();
    if (!take('i')) return note("is no integer"), value;
    const auto [after, error] = std::from_chars(text_.data() + at_, end, value);
    if (error != std::errc() || after == end || *after != 'e') return note("is no integer of its range"), Number{};
    at_ = static_cast<std::size_t>(after + 1 - text_.data());
    return value;
  }

  void open_list() { if (!take('l')) note("is no list"); }
  void open_dictionary() { if (!take('d')) note("is no dictionary"); }
  /// Whether another value follows in the list or dictionary. If not, its end is passed.
  bool more();
  /// Notes a mistake unless the whole text has been read.
  void finish() { if (at_ != text_.size()) note("is followed by more"); }

  /// Notes a mistake at this place, as the end of a sentence that begins with "what is at byte N".
  void note(std::string_view mistake);
  /// The first mistake; empty if there is none.
  const std::string& mistake() const { return mistake_; }

  /// The version of the text, which says which fields must be there.
  unsigned version = 1;

 private:
  bool take(char c) {
    if (!mistake_.empty() || at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string mistake_;
};

}  // namespace podrun::pod::bencode
