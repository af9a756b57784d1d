// Kubernetes' quantities: "500m", "1.5Gi", "2e3". Their resolution is one billionth.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace podrun::pod {

/// A number: `units` plus `nanos` billionths. `nanos` is from 0 to 999,999,999 also when `units` is negative.
struct Quantity {
  std::int64_t units = 0;
  std::int32_t nanos = 0;

  auto operator<=>(const Quantity&) const = default;
};

/// Quantities by the name of the resource: "cpu", "memory", "hugepages-2Mi".
using Quantities = std::map<std::string, Quantity>;

/// Parses a decimal number with a suffix (n u m k M G T P E, Ki Mi Gi Ti Pi Ei), an exponent (e3, E3), or neither.
/// Fractions of a billionth are rounded away from zero, as in Kubernetes. The error is the end of a sentence.
std::expected<Quantity, std::string> parse_quantity(std::string_view text);

/// The shortest text without binary suffixes that parse_quantity() parses to this quantity: "1500m", "1073741824".
std::string to_text(const Quantity& quantity);

/// The quotient, rounded up: the value of a resourceFieldRef. The divisor is greater than 0. At most 2^63 - 1.
std::int64_t divided_up(const Quantity& quantity, const Quantity& divisor);

/// The quantity in whole units, rounded up.
std::int64_t rounded_up(const Quantity& quantity);
/// The quantity in thousandths (millicores), rounded up.
std::int64_t millis(const Quantity& quantity);

/// The sum, at most the largest quantity.
Quantity operator+(const Quantity& a, const Quantity& b);

}  // namespace podrun::pod
