// The decisions of a pod, made from its status alone (pod_lifecycle.hpp). Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "supervisor/lifecycle/pod_lifecycle.hpp"

namespace podrun::supervisor {

/// A transition under construction; `spec` and `now` are those of step().
struct PodLife {
  const LifecycleSpec& spec;
  BootTime now;
  PodTransition made;

  std::size_t containers() const { return made.next.containers.size(); }
  ContainerStatus& status(std::size_t index) { return made.next.containers[index]; }
};

/// Applies an event to the table of one container, and takes over its status and actions.
void deliver(PodLife& life, std::size_t index, const Event& event);

/// Termination::cause of the containers of a pod that ends.
std::string_view cause_of_stop(const PodStatus& status);

/// Decides until nothing more is due: kills, stops, starts; then Ready and Finish.
void decide(PodLife& life);

}  // namespace podrun::supervisor
