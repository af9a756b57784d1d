// Expands $(NAME) references.
#include "pod/text/expand.hpp"

namespace podrun::pod {
namespace {

/// The "$(NAME)" at the start of a text, or "". expand() calls it only while a ")" follows, so that a text of many "$("
/// takes linear time.
std::string_view leading_reference(std::string_view text) {
  return text.starts_with("$(") ? text.substr(0, text.find(')') + 1) : std::string_view{};
}

}  // namespace

std::string expand(std::string_view text, const Variables& variables) {
  std::string result;
  const auto* last_close = text.data() + (text.rfind(')') + 1);  // text.data() if there is none
  while (!text.empty()) {
    const auto plain = text.substr(0, text.find('$'));
    result += plain;
    text.remove_prefix(plain.size());
    const auto reference = text.data() < last_close ? leading_reference(text) : std::string_view{};
    if (!reference.empty()) {
      const auto known = variables.find(reference.substr(2, reference.size() - 3));
      result += known != variables.end() ? std::string_view{known->second} : reference;
      text.remove_prefix(reference.size());
    } else if (!text.empty()) {
      result += '$';
      text.remove_prefix(text.starts_with("$$") ? 2 : 1);
    }
  }
  return result;
}

std::vector<std::string> references_in(std::string_view text) {
  std::vector<std::string> names;
  for (auto at = text.find('$'); at != text.npos; at = text.find('$')) {
    text.remove_prefix(at);
    const auto reference = leading_reference(text);
    if (!reference.empty()) names.emplace_back(reference.substr(2, reference.size() - 3));
    text.remove_prefix(!reference.empty() ? reference.size() : text.starts_with("$$") ? 2 : 1);
  }
  return names;
}

}  // namespace podrun::pod
