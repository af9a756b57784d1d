// Messages about changes of a pod's status, for the terminal, podrun.log and the journal. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "supervisor/lifecycle/container_lifecycle.hpp"
#include "supervisor/state/pod_record.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// Describes the difference between two statuses of container `name`, e.g. `app: exited with 3 (Error); restart 2 in
/// 10s`. Empty if there is nothing to report.
std::string describe_transition(const std::string& name, const ContainerStatus& before, const ContainerStatus& after,
                                BootTime now);

/// Describes the first starts that failed, once each container's first start has succeeded or failed: a line for each,
/// with the pod's id, e.g. `pod default_web: app: did not start: step 22 of 22: exec /app: No such file or directory`.
/// Empty if all succeeded.
std::string start_failures(const PodRecord& record);

/// The reason why a container does not run, e.g. `waits to be restarted (exit 1)`; "" if it does.
std::string reason_not_running(const ContainerStatus& container);

/// Describes in one line what runs and what does not, for STATUS= of sd_notify(3), e.g. `2 of 3 containers run; app
/// waits to be restarted (exit 1)`. If many do not run, only the first ones are named.
std::string status_line(const PodRecord& record);

/// Why a container has no output: "it did not start: …", "it runs, and has printed nothing yet".
std::string silence_reason(const ContainerView& container);

/// A duration for people: "250ms", "10s", "2m40s".
std::string human_duration(std::chrono::nanoseconds duration);

/// The same in one unit, for ages: "12s", "3m", "5h", "9d".
std::string rounded_duration(std::chrono::nanoseconds duration);

}  // namespace podrun::supervisor
