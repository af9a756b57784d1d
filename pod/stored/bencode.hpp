// The text form of what is stored: bencode, whose strings hold any bytes and whose parts need no escapes.
//
//   i42e                      an integer
//   3:web                     a string of three bytes
//   l3:web2:dbe               a list
//   d4:name3:web3:pidi42ee    a dictionary: names and values. Names come in the order in which they were written.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace podrun::pod::bencode {

/// Appends values to a text. What begins a list or a dictionary must be ended.
class Writer {
 public:
  void text(std::string_view bytes);
  void number(std::int64_t value);
  void number(std::uint64_t value);
  void begin_list();
  void begin_dictionary();
  void end();

  std::string take() && { return std::move(text_); }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }

 private:
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
    using Wide = std::conditional_t<std::is_signed_v<Number>, std::int64_t, std::uint64_t>;
    const Wide value = wide_number<Wide>();
    if (std::in_range<Number>(value)) return static_cast<Number>(value);
    note("follows an integer beyond its range");
    return 0;
  }

  void open_list();
  void open_dictionary();
  /// Whether another value follows in the list or dictionary. If not, its end is passed.
  bool more();
  /// Notes a mistake unless the whole text has been read.
  void finish();

  /// Notes a mistake at this place, as the end of a sentence that begins with "what is at byte N".
  void note(std::string_view mistake);
  void note(std::string_view mistake, std::string_view what);
  /// The first mistake; empty if there is none.
  const std::string& mistake() const { return mistake_; }

  /// The version of the text, which says which fields must be there.
  unsigned version = 1;

 private:
  bool take(char c);
  template <typename Wide>
  Wide wide_number();

  std::string_view text_;
  std::size_t at_ = 0;
  std::string mistake_;
};

}  // namespace podrun::pod::bencode
