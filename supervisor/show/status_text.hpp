// One pod on one screen: `podrun status`. Pure.
#pragma once

#include <string>
#include <vector>

#include "supervisor/history/logged_event.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// The phase and since when, the conditions in words, why it is so, and a line for each container.
std::string status_text(const PodView& pod, const std::vector<LoggedEvent>& events, WallTime now);

}  // namespace podrun::supervisor
