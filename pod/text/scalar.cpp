// Hand-written parsers for the scalar grammars of YAML 1.1 and 1.2.
#include "pod/text/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <system_error>
#include <utility>

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

/// Removes the digits at the start of TEXT.
std::size_t skip_digits(std::string_view& text) {
  const std::size_t n = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
  text.remove_prefix(n);
  return n;
}

/// Whether a text without sign, capitals and '_' is a decimal number, which may have a fraction and an exponent.
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

/// The digits of a decimal number with a fraction or an exponent that is whole: "8.08e3" yields "8080". A number
/// that is far too large yields one of forty digits, any other text std::nullopt.
std::optional<std::string> whole_digits(std::string_view text) {
  const std::string small = lower(text);
  if (!is_decimal(small) || small.find_first_of(".e") == small.npos) return std::nullopt;
  const std::size_t e = std::min(small.find('e'), small.size());
  std::string digits = small.substr(0, e);
  long power = 0;
  if (e < small.size()) {
    const char* first = small.data() + e + (small[e + 1] == '+' ? 2 : 1);
    if (std::from_chars(first, small.data() + small.size(), power).ec != std::errc{}) return std::nullopt;
  }
  if (const std::size_t point = digits.find('.'); point != digits.npos) {
    power -= static_cast<long>(digits.size() - point - 1);
    digits.erase(point, 1);
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  for (; power < 0 && digits.ends_with('0'); ++power) digits.pop_back();
  if (digits.empty()) return "0";
  if (power < 0) return std::nullopt;
  constexpr long most = 40;
  if (power + static_cast<long>(digits.size()) > most) return std::string(most, '9');
  return digits + std::string(static_cast<std::size_t>(power), '0');
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
  std::string text(plain);
  std::erase(text, '_');
  const bool negative = text.starts_with('-');
  std::string_view digits = text;
  if (negative || text.starts_with('+')) digits.remove_prefix(1);
  const std::optional<std::string> whole = whole_digits(digits);
  if (whole) digits = *whole;
  int base = 10;
  for (const auto& [prefix, its_base] : {std::pair{"0x", 16}, {"0o", 8}, {"0b", 2}, {"0", 8}}) {
    if (!digits.starts_with(prefix) || digits == prefix) continue;
    digits.remove_prefix(std::string_view(prefix).size());
    base = its_base;
    break;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error == std::errc::invalid_argument || end != digits.data() + digits.size() || plain.starts_with('_'))
    return std::unexpected("must be a whole number");
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (error != std::errc{} || value > most) return std::unexpected("is too large");
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

std::optional<bool> to_boolean(std::string_view plain) {
  if (plain.empty() || plain.size() > 5) return std::nullopt;
  const std::string small = lower(plain);
  std::string capital = small;
  capital.front() = static_cast<char>(capital.front() - 'a' + 'A');
  const bool all_capitals = std::ranges::all_of(plain, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (plain != small && plain != capital && !all_capitals) return std::nullopt;
  for (const auto word : {"true", "yes", "on", "y"})
    if (small == word) return true;
  for (const auto word : {"false", "no", "off", "n"})
    if (small == word) return false;
  return std::nullopt;
}

}  // namespace podrun::pod
