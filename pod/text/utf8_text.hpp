// UTF-8 text as manifests and messages need it: code points, their width, and what may reach a terminal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace podrun::pod {

/// One code point of a text; `value` is `not_utf8` and `size` is 1 where the bytes are none.
struct CodePoint {
  char32_t value;
  std::size_t size;  ///< in bytes
};
inline constexpr char32_t not_utf8 = 0xFFFFFFFF;

/// Decodes the code point that begins at byte AT, which must lie inside TEXT.
CodePoint code_point_at(std::string_view text, std::size_t at);

/// Whether a code point may be sent to a terminal: no control characters, nothing that reorders text.
bool is_printable(char32_t c);

/// How many columns of a terminal a code point fills: 0, 1 or 2.
int display_width(char32_t c);

/// The value in double quotes for a message: shortened if it is long, unprintable characters as "\x1b".
std::string in_quotes(std::string_view value);

/// TEXT without a byte order mark at its start.
std::string_view without_bom(std::string_view text);

/// Why a text is none, and the byte where that shows.
struct TextError {
  std::size_t at;
  std::string message;
};

/// The first place where TEXT is not UTF-8 or holds a character that YAML allows nowhere (control
/// characters, a carriage return alone). yaml-cpp would drop such bytes or take them for the end of the file.
std::optional<TextError> find_text_error(std::string_view text);

}  // namespace podrun::pod
