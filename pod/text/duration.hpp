// Durations as Kubernetes writes them (metav1.Duration): "10s", "1m30s", "1.5h", "250ms".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace podrun::pod {

/// Parses a duration with millisecond resolution. Returns std::nullopt if the text is not a duration, is negative, or
/// is longer than a year.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest text that parse_duration() parses to this duration.
std::string to_text(std::chrono::milliseconds duration);

}  // namespace podrun::pod
