// Points in time, as types. Pure: core/clock.hpp reads the clocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace podrun::supervisor {

/// A point on CLOCK_BOOTTIME, as the time since boot. This clock runs on while the machine is suspended.
using BootTime = std::chrono::nanoseconds;

/// A point on CLOCK_MONOTONIC, which stands still while the machine is suspended.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// A point on the wall clock, in UTC.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// RFC 3339 in UTC with nine digits: "2026-11-24T06:38:34.123456789Z".
std::string rfc3339(WallTime time);
/// The number of its characters.
inline constexpr std::size_t rfc3339_length = 30;
/// Whether a text has the form of it; the digits may be of no date.
bool has_form_of_rfc3339(std::string_view text);
/// The inverse of rfc3339(); empty if `text` is not of that form.
std::optional<WallTime> parse_rfc3339(std::string_view text);
/// Parses a time of RFC 3339 with any number of digits of a second and any offset; without an offset it is in UTC, and
/// a date alone is its first instant.
std::optional<WallTime> parse_time(std::string_view text);

}  // namespace podrun::supervisor
