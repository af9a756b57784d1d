// UTF-8 text: code points, their width, and whether they are safe to print on a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace podrun::pod {

/// One code point of a text. Where the bytes are not UTF-8, `value` is `not_utf8` and `size` is 1.
struct CodePoint {
  char32_t value;
  std::size_t size;  ///< in bytes
};
inline constexpr char32_t not_utf8 = 0xFFFFFFFF;

/// Decodes the code point at byte AT, which must be inside TEXT.
CodePoint code_point_at(std::string_view text, std::size_t at);

/// Whether a code point is safe to print: it is neither a control character nor changes the direction of text.
bool is_printable(char32_t c);

/// The number of terminal columns that a code point occupies: 0, 1 or 2.
int display_width(char32_t c);

/// The value in double quotes for a message. A long value is shortened; unprintable characters are escaped ("\x1b").
std::string in_quotes(std::string_view value);

/// TEXT without a byte order mark at its start.
std::string_view without_bom(std::string_view text);

/// The reason why bytes are not valid text, and the byte at which that shows.
struct TextError {
  std::size_t at;
  std::string message;
};

/// The first place where TEXT is not UTF-8 or has a character that YAML does not allow (control characters, a carriage
/// return without line feed). yaml-cpp drops such bytes or takes them for the end of the file.
std::optional<TextError> find_text_error(std::string_view text);

}  // namespace podrun::pod
