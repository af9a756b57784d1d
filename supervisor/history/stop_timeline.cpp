// The timeline of a stop.
#include "supervisor/history/stop_timeline.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

std::string in_milliseconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.1f}", std::chrono::duration<double, std::milli>(time).count());
}

bool is_of_stop(const LoggedEvent& event) { return event.reason == "Killing" || event.reason == "FailedPreStopHook"; }

}  // namespace

std::string stop_text(const std::vector<LoggedEvent>& events) {
  std::map<std::string, int> last;  // the last instance of each container
  for (const LoggedEvent& event : events) last[event.container] = std::max(last[event.container], event.instance);
  const auto is_shown = [&](const LoggedEvent& event) {
    return is_of_stop(event) && event.instance == last[event.container];
  };
  const auto first = std::ranges::find_if(events, is_shown);
  if (first == events.end()) return "";
  std::vector<std::vector<std::string>> rows{{"AT", "TOOK", "WHO", "WHAT"}};
  for (const LoggedEvent& event : events) {
    if (!is_shown(event)) continue;
    const auto end = std::ranges::find_if(events, [&](const LoggedEvent& other) {
      return other.reason == "ContainerDied" && other.container == event.container && other.instance == event.instance;
    });
    const bool has_ended = end != events.end() && event.reason == "Killing";
    rows.push_back({in_milliseconds(event.time - first->time),
                    has_ended ? in_milliseconds(end->time - event.time) : "-", event.container,
                    has_ended ? fmt::format("{}. {}", event.message, end->message) : event.message});
  }
  return "\nThe stop, in milliseconds since it began:\n\n" + aligned(rows);
}

}  // namespace podrun::supervisor
