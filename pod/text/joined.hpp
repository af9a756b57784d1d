// Lists as text. fmt::join would be compiled in each unit that uses it, for a third of a second.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace podrun::pod {

/// The parts with the separator between each two: "a, b, c".
std::string joined(std::span<const std::string> parts, std::string_view separator);
std::string joined(std::span<const std::string_view> parts, std::string_view separator);
/// Numbers, in decimal.
std::string joined(std::span<const std::uint32_t> numbers, std::string_view separator);

}  // namespace podrun::pod
