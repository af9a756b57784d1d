// Lists as text.
#include "pod/text/joined.hpp"

namespace podrun::pod {
namespace {

template <typename Part, typename Append>
std::string join(std::span<const Part> parts, std::string_view separator, Append append) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    append(text, parts[i]);
  }
  return text;
}

constexpr auto append_text = [](std::string& text, std::string_view part) { text += part; };
constexpr auto append_number = [](std::string& text, std::uint32_t number) { text += std::to_string(number); };

}  // namespace

std::string joined(std::span<const std::string> parts, std::string_view separator) {
  return join(parts, separator, append_text);
}

std::string joined(std::span<const std::string_view> parts, std::string_view separator) {
  return join(parts, separator, append_text);
}

std::string joined(std::span<const std::uint32_t> numbers, std::string_view separator) {
  return join(numbers, separator, append_number);
}

}  // namespace podrun::pod
