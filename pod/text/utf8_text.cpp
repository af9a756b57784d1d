// Decodes UTF-8, and has the properties of code points that diagnostics need.
#include "pod/text/utf8_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](Range range) { return range.first <= c && c <= range.last; });
}

// Combining marks, joiners and variation selectors.
constexpr std::array zero_width{Range{0x0300, 0x036F}, Range{0x200B, 0x200D}, Range{0x20D0, 0x20FF},
                                Range{0xFE00, 0xFE0F}, Range{0xFEFF, 0xFEFF}};
// East Asian Wide and Fullwidth characters (UAX #11), and the emoji that terminals draw with double width.
constexpr std::array double_width{Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x4DBF},
                                  Range{0x4E00, 0xA4CF},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
                                  Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
                                  Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF},
                                  Range{0x20000, 0x3FFFD}};
// Line separators, and the marks that change the direction of the text after them.
constexpr std::array reordering{Range{0x200E, 0x200F}, Range{0x2028, 0x202E}, Range{0x2066, 0x2069}};

bool control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

constexpr std::size_t longest_quote = 64;

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t at) {
  constexpr CodePoint invalid{.value = not_utf8, .size = 1};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {.value = lead, .size = 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < size) return invalid;
  char32_t value = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return invalid;
    value = value << 6 | (byte(i) & 0x3FU);
  }
  const bool overlong = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return invalid;
  return {.value = value, .size = size};
}

bool is_printable(char32_t c) {
  return c != not_utf8 && !control(c) && !within(reordering, c);
}

int display_width(char32_t c) {
  if (c < 0x0300) return 1;
  if (within(zero_width, c)) return 0;
  return within(double_width, c) ? 2 : 1;
}

std::string in_quotes(std::string_view value) {
  std::string out = "\"";
  std::size_t shown = 0;
  for (std::size_t at = 0; at < value.size(); ++shown) {
    if (shown == longest_quote) {
      out += "…";
      break;
    }
    const CodePoint c = code_point_at(value, at);
    if (c.value == '"' || c.value == '\\') out += '\\';
    if (c.value == '\n') {
      out += "\\n";
    } else if (is_printable(c.value)) {
      out += value.substr(at, c.size);
    } else {
      for (const char byte : value.substr(at, c.size))
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
    at += c.size;
  }
  return out + "\"";
}

std::string_view without_bom(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

std::optional<TextError> find_text_error(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    if (c.value == not_utf8)
      return TextError{
          at, fmt::format("the byte 0x{:02x} here is not UTF-8 text", static_cast<unsigned char>(text[at]))};
    if (c.value == '\r' && !text.substr(at + 1).starts_with('\n'))
      return TextError{at, "a carriage return without a line feed: lines end in LF or CRLF"};
    if (control(c.value) && c.value != '\t' && c.value != '\n' && c.value != '\r')
      return TextError{at, fmt::format("the control character U+{:04X} cannot stand in a manifest",
                                  static_cast<unsigned>(c.value))};
    at += c.size;
  }
  return std::nullopt;
}

}  // namespace podrun::pod
