// What is due in a pod, given its status: the level-triggered half of pod_lifecycle.hpp. Pure.
#pragma once

#include <cstddef>

#include "supervisor/lifecycle/pod_lifecycle.hpp"

namespace podrun::supervisor {

/// A step in the making; `spec` and `now` are those of step().
struct PodLife {
  const LifecycleSpec& spec;
  BootTime now;
  PodTransition made;

  std::size_t containers() const { return made.next.containers.size(); }
  ContainerStatus& status(std::size_t index) { return made.next.containers[index]; }
};

/// Gives a container's table an event, and takes over what it makes of it.
void deliver(PodLife& life, std::size_t index, const Event& event);

/// Delivers all that is due, until nothing is: kills, stops, starts; then what is to be told of the pod.
void decide(PodLife& life);

}  // namespace podrun::supervisor
