// The scalar grammars of YAML 1.1 and 1.2, by hand.
#include "pod/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Takes the digits that TEXT begins with.
std::size_t skip_digits(std::string_view& text) {
  const std::size_t n = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
  text.remove_prefix(n);
  return n;
}

/// Whether an unsigned, lower-case text with its '_' removed is decimal, with a fraction or an exponent or
/// not.
bool is_decimal(std::string_view text) {
  std::size_t digits = skip_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    digits += skip_digits(text);
  }
  if (digits == 0) return false;
  if (text.starts_with('e')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (skip_digits(text) == 0) return false;
  }
  return text.empty();
}

bool is_number(std::string_view plain) {
  std::string text = lower(plain);
  std::erase(text, '_');
  std::string_view rest = text;
  if (rest == ".nan") return true;
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == ".inf") return true;
  if (rest.size() > 2 && rest[0] == '0') {
    const std::string_view digits = rest[1] == 'x'   ? "0123456789abcdef"
                                    : rest[1] == 'o' ? "01234567"
                                    : rest[1] == 'b' ? "01"
                                                     : "";
    if (!digits.empty()) return rest.find_first_not_of(digits, 2) == rest.npos;
  }
  return is_decimal(rest);
}

}  // namespace

ScalarKind classify(std::string_view plain) {
  constexpr std::array<std::string_view, 8> booleans{"true", "false", "yes", "no", "on", "off", "y", "n"};
  if (plain.size() <= 5 && std::ranges::find(booleans, lower(plain)) != booleans.end())
    return ScalarKind::Boolean;
  constexpr std::string_view number_begins = "+-.0123456789";
  if (!plain.empty() && number_begins.contains(plain.front()) && is_number(plain)) return ScalarKind::Number;
  return ScalarKind::String;
}

std::expected<std::int64_t, std::string> to_integer(std::string_view plain) {
  std::string_view digits = plain;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const bool decimal = !digits.empty() && std::ranges::all_of(digits, is_digit);
  if (!decimal) return std::unexpected("must be a whole number in decimal digits");
  if (digits.size() > 1 && digits.front() == '0') {
    std::uint32_t octal = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), octal, 8);
    const bool reads_as_octal = error == std::errc{} && end == digits.data() + digits.size();
    return std::unexpected("must not begin with 0, which some read as octal" +
                           (reads_as_octal ? fmt::format("; octal {} is {}", digits, octal) : std::string()));
  }
  std::int64_t value = 0;
  if (std::from_chars(plain.data(), plain.data() + plain.size(), value).ec != std::errc{})
    return std::unexpected("is too large");
  return value;
}

std::optional<bool> to_boolean(std::string_view plain) {
  if (plain == "true") return true;
  if (plain == "false") return false;
  return std::nullopt;
}

}  // namespace podrun::pod
