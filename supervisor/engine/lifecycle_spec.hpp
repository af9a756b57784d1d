// What the lifecycle has to know of a pod, from its plan. Pure.
#pragma once

#include "supervisor/engine/pod_context.hpp"
#include "supervisor/lifecycle/pod_lifecycle.hpp"

namespace podrun::supervisor {

/// The parameters of the lifecycle's decisions for a pod.
LifecycleSpec lifecycle_of(const PodContext& pod);

}  // namespace podrun::supervisor
