// The pod's life in words: for the terminal, podrun.log, the journal. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "supervisor/lifecycle.hpp"

namespace podrun::supervisor {

/// A sentence on what changed between two statuses of container `name`, e.g. `app: exited with 3 (Error); restart 2
/// in 10s`. Empty if there is nothing to tell.
std::string narrate(const std::string& name, const ContainerStatus& before, const ContainerStatus& after, BootTime now);

/// A duration for people: "250ms", "10s", "2m40s".
std::string human_duration(std::chrono::nanoseconds duration);

}  // namespace podrun::supervisor
