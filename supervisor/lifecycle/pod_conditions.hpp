// The conditions of a pod, from its status alone. Pure.
#pragma once

#include "supervisor/lifecycle/pod_decisions.hpp"

namespace podrun::supervisor {

/// Brings the conditions in line with the status, and has them recorded if nothing else does. Those of a pod that a new
/// supervisor has not taken over yet stay: they do not flap.
void update_conditions(PodLife& life);
void update_conditions(Conditions& conditions, const PodStatus& status, std::span<const ContainerRole> roles,
                       BootTime now);

}  // namespace podrun::supervisor
