// Messages about the health of containers, for the terminal, podrun.log and the journal. Pure.
#pragma once

#include <string>

#include "supervisor/lifecycle/container_lifecycle.hpp"

namespace podrun::supervisor {

/// Why a preStop hook has failed that was still running when the stop signal was due.
inline constexpr char pre_stop_outlasts_grace[] = "it has not ended in the grace period";

/// Describes what an event says of the health of container `name`: `app: ready`, `app: not ready: readiness probe failed:
/// HTTP 503`, `app: liveness probe failed: HTTP 503`, `app: postStart hook failed: …`. Empty if there is nothing to
/// report.
std::string describe_health(const std::string& name, const Event& event, const ContainerStatus& before,
                            const ContainerStatus& after);

}  // namespace podrun::supervisor
