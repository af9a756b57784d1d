// Kubernetes' quantities: "500m", "1.5Gi", "2e3". Exact to the billionth.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace podrun::pod {

/// A number: `units` plus `nanos` billionths. Negative ones have negative units and nanos still from 0 to 999,999,999.
struct Quantity {
  std::int64_t units = 0;
  std::int32_t nanos = 0;

  auto operator<=>(const Quantity&) const = default;
};

/// By name of the resource: "cpu", "memory", "hugepages-2Mi".
using Quantities = std::map<std::string, Quantity>;

/// Reads a decimal number with a suffix (n u m k M G T P E, Ki Mi Gi Ti Pi Ei), an exponent (e3, E3), or neither.
/// What is finer than a billionth is rounded away from zero, as Kubernetes does. The error is the end of a sentence.
std::expected<Quantity, std::string> parse_quantity(std::string_view text);

/// The shortest text that parse_quantity() reads as this one, without binary suffixes: "1500m", "1073741824".
std::string to_text(const Quantity& quantity);

/// How often the divisor (above 0) fits, rounded up; what resourceFieldRef gives. Bounded by 2^63 - 1.
std::int64_t divided_up(const Quantity& quantity, const Quantity& divisor);

/// In whole units, rounded up.
std::int64_t rounded_up(const Quantity& quantity);
/// In thousandths, rounded up: millicores.
std::int64_t millis(const Quantity& quantity);

/// The sum, bounded by the largest.
Quantity operator+(const Quantity& a, const Quantity& b);

}  // namespace podrun::pod
