// Shows pods with the columns and words of `kubectl get pods`. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// Formats an age as kubectl does: "5s", "3m12s", "4h", "2d".
std::string kubectl_age(std::chrono::nanoseconds age);

/// The column STATUS: the phase, or the problem of a container.
std::string status_word(const PodView& pod);

/// The table. It has the column NAMESPACE if a pod is in another one than "default". `wide`: also IP, PORTS, the
/// published ones as in text_of(PublishedPort), and INTERFACE, the one on the host.
std::string pod_table(const std::vector<PodView>& pods, WallTime now, bool wide = false);

}  // namespace podrun::supervisor
