// Computes with quantities as 128-bit integers of billionths, which hold every 63-bit number of units exactly.
#include "pod/text/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <system_error>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

__extension__ using Wide = __int128;

constexpr Wide nanos_per_unit = 1'000'000'000;
constexpr Wide largest = Wide{std::numeric_limits<std::int64_t>::max()} * nanos_per_unit + (nanos_per_unit - 1);

/// A suffix and its factor in billionths: "n" is 1.
struct Suffix {
  std::string_view name;
  Wide nanos;
};
constexpr Wide decimal(int power) {
  Wide value = nanos_per_unit;
  for (; power > 0; --power) value *= 10;
  return value;
}
constexpr Wide binary(int power) { return nanos_per_unit << power; }
constexpr std::array suffixes{
    Suffix{"", decimal(0)},   Suffix{"n", 1},           Suffix{"u", 1'000},       Suffix{"m", 1'000'000},
    Suffix{"k", decimal(3)},  Suffix{"M", decimal(6)},  Suffix{"G", decimal(9)},  Suffix{"T", decimal(12)},
    Suffix{"P", decimal(15)}, Suffix{"E", decimal(18)}, Suffix{"Ki", binary(10)}, Suffix{"Mi", binary(20)},
    Suffix{"Gi", binary(30)}, Suffix{"Ti", binary(40)}, Suffix{"Pi", binary(50)}, Suffix{"Ei", binary(60)}};

Wide wide(const Quantity& quantity) { return Wide{quantity.units} * nanos_per_unit + quantity.nanos; }

Quantity narrow(Wide nanos) {
  nanos = std::clamp(nanos, -largest, largest);
  Wide units = nanos / nanos_per_unit;
  if (nanos % nanos_per_unit < 0) --units;
  return {static_cast<std::int64_t>(units), static_cast<std::int32_t>(nanos - units * nanos_per_unit)};
}

Wide divide_up(Wide a, Wide b) { return a / b + (a % b > 0 ? 1 : 0); }

std::int64_t bounded(Wide value) {
  return static_cast<std::int64_t>(std::min<Wide>(value, std::numeric_limits<std::int64_t>::max()));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The exponent of "E3" or "e-2"; std::nullopt if TEXT is not an exponent. "E" alone is a suffix.
std::optional<int> exponent(std::string_view text) {
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return {};
  text.remove_prefix(text[1] == '+' ? 2 : 1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

/// The number DIGITS, of which POINT digits follow the decimal point, times a factor, rounded up. std::nullopt if it is
/// too large.
std::optional<Wide> scaled(std::string_view digits, std::size_t point, Wide nanos) {
  Wide whole = 0;
  for (const char c : digits.substr(0, digits.size() - point)) {
    whole = whole * 10 + (c - '0');
    if (whole > largest) return {};
  }
  if (whole > 0 && nanos > largest / whole) return {};
  // Horner's rule from the last digit keeps every step small. The result is exact, because nested floors equal the
  // floor of the whole.
  Wide fraction = 0;
  bool inexact = false;
  for (std::size_t i = digits.size(); i > digits.size() - point; --i) {
    const Wide tenfold = (digits[i - 1] - '0') * nanos + fraction;
    fraction = tenfold / 10;
    inexact = inexact || tenfold % 10 != 0;
  }
  return whole * nanos + fraction + (inexact ? 1 : 0);
}

constexpr std::string_view grammar =
    "must be a quantity: a number with k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, m, u or n behind it, or without";

}  // namespace

std::expected<Quantity, std::string> parse_quantity(std::string_view text) {
  constexpr std::size_t longest = 64;  // digits; a 63-bit number with nine decimal places needs fewer
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string digits;
  std::size_t point = 0;
  bool pointed = false;
  for (; !text.empty() && (is_digit(text.front()) || (text.front() == '.' && !pointed)); text.remove_prefix(1)) {
    if (text.front() == '.') {
      pointed = true;
      continue;
    }
    digits += text.front();
    if (pointed) ++point;
  }
  if (digits.empty() || digits.size() > longest) return std::unexpected(std::string(grammar));
  Wide factor = 0;
  if (const auto power = exponent(text)) {
    constexpr int furthest = 40;
    // The exponent moves the decimal point and appends zeros where digits are missing.
    if (*power > furthest || *power < -furthest) return std::unexpected("has an exponent out of bounds");
    for (int i = 0; i < *power; ++i) point > 0 ? static_cast<void>(--point) : digits.push_back('0');
    for (int i = 0; i > *power; --i) ++point;
    if (digits.size() < point) digits.insert(0, point - digits.size(), '0');
    factor = nanos_per_unit;
  } else {
    const auto suffix = std::ranges::find(suffixes, text, &Suffix::name);
    if (suffix == suffixes.end()) return std::unexpected(std::string(grammar));
    factor = suffix->nanos;
  }
  const auto value = scaled(digits, point, factor);
  if (!value || *value > largest) return std::unexpected("is larger than 2^63 - 1");
  return narrow(negative ? -*value : *value);
}

std::string to_text(const Quantity& quantity) {
  const Wide nanos = wide(quantity);
  for (const auto& [suffix, unit] : {suffixes[0], suffixes[3], suffixes[2]})
    if (nanos % unit == 0) return fmt::format("{}{}", nanos / unit, suffix);
  return fmt::format("{}n", nanos);
}

std::int64_t divided_up(const Quantity& quantity, const Quantity& divisor) {
  return bounded(divide_up(wide(quantity), wide(divisor)));
}

std::int64_t rounded_up(const Quantity& quantity) { return divided_up(quantity, {.units = 1}); }

std::int64_t millis(const Quantity& quantity) { return divided_up(quantity, {.nanos = 1'000'000}); }

Quantity operator+(const Quantity& a, const Quantity& b) { return narrow(wide(a) + wide(b)); }

}  // namespace podrun::pod
