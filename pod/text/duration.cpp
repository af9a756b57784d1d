// Parses and prints Kubernetes' durations.
#include "pod/text/duration.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

struct Unit {
  std::string_view name;
  std::chrono::milliseconds length;
};
constexpr std::array units{Unit{"h", std::chrono::hours(1)}, Unit{"ms", std::chrono::milliseconds(1)},
                           Unit{"m", std::chrono::minutes(1)}, Unit{"s", std::chrono::seconds(1)}};
constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);

/// Removes a number such as "1.5" from the front of `text` and returns it.
std::optional<double> take_number(std::string_view& text) {
  const std::string_view digits = text.substr(0, text.find_first_not_of("0123456789."));
  double number = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != digits.data() + digits.size()) return {};
  text.remove_prefix(digits.size());
  return number;
}

/// Removes a unit from the front of `text` and returns it.
std::optional<std::chrono::milliseconds> take_unit(std::string_view& text) {
  for (const Unit& unit : units) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit.length;
  }
  return {};
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  if (text.empty()) return {};
  std::chrono::duration<double, std::milli> sum{0};
  while (!text.empty()) {
    const auto number = take_number(text);
    const auto unit = take_unit(text);
    if (!number || !unit) return {};
    sum += *number * *unit;
    if (sum > longest) return {};
  }
  return std::chrono::round<std::chrono::milliseconds>(sum);
}

std::string to_text(std::chrono::milliseconds duration) {
  std::string text;
  for (const Unit& unit : {units[0], units[2], units[3], units[1]}) {
    if (const auto whole = duration / unit.length; whole > 0) text += fmt::format("{}{}", whole, unit.name);
    duration %= unit.length;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace podrun::pod
