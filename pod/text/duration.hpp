// Durations as Kubernetes writes them (metav1.Duration): "10s", "1m30s", "1.5h", "250ms".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace podrun::pod {

/// Reads one, to the millisecond; empty if the text is none, is negative, or is beyond a year.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest text that parse_duration() reads as this one.
std::string to_text(std::chrono::milliseconds duration);

}  // namespace podrun::pod
