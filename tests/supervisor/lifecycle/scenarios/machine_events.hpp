// The words in which scenarios say what a pod does: the differences between two statuses, and actions.
#pragma once

#include <string>
#include <vector>

#include "supervisor/lifecycle/pod_lifecycle.hpp"
#include "tests/supervisor/lifecycle/scenarios/scenario.hpp"

namespace podrun::supervisor {

/// When the pod of a scenario starts, since boot.
inline constexpr BootTime pod_start = std::chrono::hours(1);

/// What the lifecycle has to know of a scenario's pod.
LifecycleSpec spec_of(const Scenario& scenario, BootTime start);

/// Which of the lines that follow from a transition come before its actions: how instances ended, and what is started
/// or ready.
std::vector<std::string> words_before_actions(const Scenario& scenario, const PodStatus& before,
                                              const PodStatus& after);
/// Those that come after: phase and conditions.
std::vector<std::string> words_after_actions(const Scenario& scenario, const LifecycleSpec& spec,
                                             const PodStatus& before, const PodStatus& after);
/// The words for an action; empty: it is none of the scenario's matter. `before`: the status before the transition.
std::string words_for(const Scenario& scenario, const PodAction& action, const PodStatus& before,
                      const PodStatus& after);

}  // namespace podrun::supervisor
