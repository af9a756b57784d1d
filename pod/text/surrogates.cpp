// Searches for \uD800-\uDBFF followed by \uDC00-\uDFFF and joins the two.
#include "pod/text/surrogates.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

constexpr std::size_t escape_size = 6;  // \u and four digits

/// The UTF-16 code unit of the escape at the start of TEXT.
std::optional<char32_t> code_unit(std::string_view text) {
  if (text.size() < escape_size || !text.starts_with("\\u")) return std::nullopt;
  unsigned value = 0;
  const char* end = text.data() + escape_size;
  if (std::from_chars(text.data() + 2, end, value, 16).ptr != end) return std::nullopt;
  return value;
}

}  // namespace

JoinedText join_surrogates(std::string_view text) {
  JoinedText out;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    out.text += text.substr(0, plain);
    text.remove_prefix(plain);
    const auto high = code_unit(text);
    const auto low = high ? code_unit(text.substr(escape_size)) : std::nullopt;
    if (low && *high >= 0xD800 && *high < 0xDC00 && *low >= 0xDC00 && *low < 0xE000) {
      out.joins.push_back(out.text.size());
      const char32_t joined = 0x10000 + ((*high - 0xD800) << 10) + (*low - 0xDC00);
      out.text += fmt::format("\\U{:08x}", static_cast<unsigned>(joined));
      text.remove_prefix(2 * escape_size);
    } else {
      // Copies two bytes, so that an escaped backslash is not taken for the start of another escape.
      out.text += text.substr(0, 2);
      text.remove_prefix(std::min<std::size_t>(2, text.size()));
    }
  }
  return out;
}

}  // namespace podrun::pod
