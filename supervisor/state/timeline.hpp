// Where a pod's start went: when each step of its plan was done, and by whom. Pure, but for the laps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"
#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// One step, in the plan's words.
struct Span {
  std::string who;   ///< "podrun", "pause", or "CONTAINER": who does it in which process's time
  std::string what;  ///< "mount proc → /proc"
  BootTime begin{0};
  BootTime end{0};
};

/// Of one start: timeline.json in the pod's log directory.
struct Timeline {
  std::string pod;  ///< <namespace>_<name>
  std::vector<Span> spans;
};

std::string to_json(const Timeline& timeline);
/// The inverse.
Result<Timeline> parse_timeline(std::string_view json);

/// For people: microseconds since the command line, and how long each step took.
std::string to_text(const Timeline& timeline);

/// This process's own work until now, since the last lap, was `what`. The first lap begins with begin_laps().
void end_lap(std::string what);
/// What was done since the last lap is in none: it has spans of its own.
void skip_lap();
/// `since`: CLOCK_BOOTTIME in nanoseconds at the command line, as digits the front has left; "" or nonsense: now.
void begin_laps(std::string_view since);
/// All laps so far.
const std::vector<Span>& laps();

}  // namespace podrun::supervisor
