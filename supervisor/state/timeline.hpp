// The timeline of a pod's start: when each step was done, and by which process. Pure, except for the laps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"
#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// A step of the start.
struct Span {
  std::string who;   ///< the process: "podrun", "pause", or the name of a container
  std::string what;  ///< the step as the plan describes it: "mount proc → /proc"
  BootTime begin{0};
  BootTime end{0};
};

/// The timeline of one start: timeline.json in the pod's log directory.
struct Timeline {
  std::string pod;  ///< <namespace>_<name>
  std::vector<Span> spans;
};

/// Converts to JSON.
std::string to_json(const Timeline& timeline);
/// The inverse.
Result<Timeline> parse_timeline(std::string_view json);

/// Formats the timeline for people: microseconds since the command line, and the duration of each step.
std::string to_text(const Timeline& timeline);

/// Records the time since the last lap as a span `what` of this process. begin_laps() begins the first lap.
void end_lap(std::string what);
/// Begins a new lap without recording the last one: its work has spans of its own.
void skip_lap();
/// Begins the first lap. `since` is the time of the command line, CLOCK_BOOTTIME in nanoseconds, as digits that the
/// front has left; any other text means now.
void begin_laps(std::string_view since);
/// All laps so far.
const std::vector<Span>& laps();

}  // namespace podrun::supervisor
