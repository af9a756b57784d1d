// The conditions of a pod in Kubernetes' words. Pure.
#pragma once

#include <functional>
#include <optional>

#include "supervisor/lifecycle/pod_lifecycle.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// Adds `status.conditions` to a view that is complete otherwise, with reasons and messages as the kubelet has them.
/// `at` converts times; a condition that has never changed is as old as the pod.
void add_conditions(PodView& view, const Conditions& conditions,
                    const std::function<std::optional<WallTime>(BootTime)>& at);

}  // namespace podrun::supervisor
