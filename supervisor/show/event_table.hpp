// Events in the columns of `kubectl events`. Pure.
#pragma once

#include <string>
#include <vector>

#include "supervisor/history/logged_event.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// AGE TYPE REASON OBJECT MESSAGE. The columns are as wide as any event of the pod needs, so that tables of the same pod can
/// follow each other; with or without the heading.
std::string event_table(const std::vector<LoggedEvent>& events, const PodView& pod, WallTime now, bool with_heading);

}  // namespace podrun::supervisor
