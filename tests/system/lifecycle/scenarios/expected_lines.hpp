// What a scenario says that its pod does, compared with what it did.
//
// The lines of one instant, or that follow from one happening, are a group. The groups come one after the other. Within
// a group lines may be exchanged, except those of one container, and an end with what follows in another container. A
// line may come up to a second before its time, because the pod starts before its first container, and some seconds
// after it.
//
// Not compared as lines: "is killed", because the end says it; probes that end, and hooks that sleep, because nobody
// sees them. Phase, conditions, "is started" and "is ready" are compared with `podrun status` at the end of each group
// that something happens after.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "supervisor/history/logged_event.hpp"
#include "tests/supervisor/lifecycle/scenarios/scenario.hpp"
#include "tests/system/lifecycle/scenarios/actors.hpp"

namespace podrun::test {

/// Lines that follow from one happening or instant.
struct LineGroup {
  std::chrono::nanoseconds at;  ///< since the first start, with the lateness of what happened before
  std::vector<std::string> lines;
};

/// The line as it can be seen from outside; "": it cannot.
std::string visible_line(const supervisor::Scenario& scenario, const std::string& line);

/// The line for an event; "": it has none.
std::string line_for(const supervisor::Scenario& scenario, const supervisor::LoggedEvent& event);

/// The lines in the order of their times, with a probe's tries as "the liveness probe of a begins" where one begins.
/// `said`: also "a runs", and "liveness of a answered" by the test.
std::vector<SaidLine> seen_lines(const supervisor::Scenario& scenario, std::vector<SaidLine> said);

/// What differs; empty: nothing. `seen` is sorted.
std::vector<std::string> differences(const std::vector<LineGroup>& groups, const std::vector<SaidLine>& seen);

/// What `podrun status` has to say after a line: "phase" → "Running", "Ready" → "True", "a is ready" → "true".
void apply_to_status(std::map<std::string, std::string>& status, const std::string& line);

/// Status as `podrun status -o json` has it, with the same keys.
std::map<std::string, std::string> status_in(const std::string& json);

}  // namespace podrun::test
