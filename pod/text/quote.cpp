// Escapes, quotes, cuts and wraps text.
#include "pod/text/quote.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

/// The escape of one unprintable code point.
std::string escape(CodePoint c, std::string_view bytes) {
  if (c.value == '\n') return "\\n";
  if (c.value == '\t') return "\\t";
  if (c.value == '\r') return "\\r";
  if (c.size == 1) return fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes.front()));
  return fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c.value));
}

/// The text with escapes, and a backslash before each character that is in `also`.
std::string escaped_and(std::string_view also, std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto c = code_point_at(text, 0);
    const auto bytes = text.substr(0, c.size);
    if (!is_printable(c.value)) {
      result += escape(c, bytes);
    } else {
      if (also.contains(bytes)) result += '\\';
      result += bytes;
    }
    text.remove_prefix(c.size);
  }
  return result;
}

std::string shell_word(const std::string& word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return word;
  if (!word.contains('\'') && escaped(word) == word) return fmt::format("'{}'", word);
  return fmt::format("$'{}'", escaped_and("\\'", word));
}

}  // namespace

std::string escaped(std::string_view text) {
  return escaped_and({}, text);
}

std::string shell_words(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) {
    if (!line.empty()) line += ' ';
    line += shell_word(word);
  }
  return line;
}

std::size_t width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto c = code_point_at(text, 0);
    columns += static_cast<std::size_t>(display_width(c.value));
    text.remove_prefix(c.size);
  }
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) return std::string{text};
  std::size_t end = 0;
  std::size_t shown = 0;
  while (true) {
    const auto c = code_point_at(text, end);
    shown += static_cast<std::size_t>(display_width(c.value));
    if (shown + 1 > columns) break;
    end += c.size;
  }
  return fmt::format("{}…", text.substr(0, end));
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    auto& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (width(line) + 1 + width(word) <= columns) {
      line.append(" ").append(word);
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

}  // namespace podrun::pod
