// The timeline of a pod's stop, from its events. Pure.
#pragma once

#include <string>
#include <vector>

#include "supervisor/history/logged_event.hpp"

namespace podrun::supervisor {

/// A line for each container that was asked to end or killed last: when, in milliseconds since the first of them, how long
/// it took, and how it ended. Failed preStop hooks and kills have lines of their own. "" if nothing was stopped.
std::string stop_text(const std::vector<LoggedEvent>& events);

}  // namespace podrun::supervisor
