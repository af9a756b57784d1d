// The timeline of a pod's start: the laps of this process, and the steps of the pause and of each container.
#pragma once

#include <vector>

#include "namespaces/launch/launch.hpp"
#include "supervisor/core/times.hpp"
#include "supervisor/engine/pod_context.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {

/// The times of a container's first launch.
struct LaunchTimeline {
  ns::LaunchTimes launch;
  BootTime registered{0};  ///< when the pause was asked to store it
  BootTime exec_seen{0};
};

/// The timeline of a start. `containers`: by container; nullptr: it was not launched. Empty if the supervisor changed
/// during the start: a later one does not know the times of the first one.
std::optional<Timeline> timeline_of_start(const PodContext& pod, const std::vector<const LaunchTimeline*>& containers);

}  // namespace podrun::supervisor
