// Stops a pod from another process: `podrun stop`, `rm -f` and `run --replace`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "supervisor/core/command_error.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// Asks pods to stop, all at once, says for whom it waits, and returns when nothing of them is left but their logs.
/// `grace` replaces the time of their manifests. The errors are of pods that do not run (NameConflict), or that could
/// not be stopped (Failed).
std::vector<CommandError> stop_pods(const Layout& layout, const std::vector<std::string>& ids,
                                    std::optional<std::chrono::seconds> grace);

}  // namespace podrun::supervisor
