// The pod's life in words: for the terminal, podrun.log, the journal. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "supervisor/lifecycle/container_lifecycle.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// A sentence on what changed between two statuses of container `name`, e.g. `app: exited with 3 (Error); restart 2
/// in 10s`. Empty if there is nothing to tell.
std::string describe_transition(const std::string& name, const ContainerStatus& before, const ContainerStatus& after,
                                BootTime now);

/// Why containers of a pod have not been started, of which each has settled its first start: a line for each of those,
/// with the pod's id, e.g. `pod default_web: app: did not start: step 22 of 22: exec /app: No such file or directory`.
/// Empty if all have been.
std::string start_failures(const PodRecord& record);

/// What runs now and what does not, in one line for STATUS= of sd_notify(3), e.g. `2 of 3 containers run; app waits to
/// be restarted (exit 1)`. Of many that do not run the first ones are named.
std::string status_line(const PodRecord& record);

/// A duration for people: "250ms", "10s", "2m40s".
std::string human_duration(std::chrono::nanoseconds duration);

}  // namespace podrun::supervisor
