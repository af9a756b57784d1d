// Pods in the columns of `kubectl get pods`, word for word. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// How long ago something was, as kubectl has it: "5s", "3m12s", "4h", "2d".
std::string kubectl_age(std::chrono::nanoseconds age);

/// STATUS: the phase, or what ails a container.
std::string status_word(const PodView& pod);

/// The table. NAMESPACE is shown when a pod is in another than "default".
std::string pod_table(const std::vector<PodView>& pods, WallTime now);

}  // namespace podrun::supervisor
