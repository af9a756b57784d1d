// Where the containers of a pod are in its manifest. PodSpec has init containers and app containers in one list.
#pragma once

#include <cstddef>

#include "pod/spec/spec.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {

/// The node of a container in `initContainers` or `containers`; nullptr if the spec has none. `spec`: the node of `spec`.
inline const yaml::Node* container_node(const yaml::Node* spec, const PodSpec& pod, std::size_t index) {
  std::size_t inits = 0;
  while (inits < pod.containers.size() && pod.containers[inits].role != ContainerRole::App) ++inits;
  if (index < inits) return yaml::item(yaml::find(spec, {"initContainers"}), index);
  return yaml::item(yaml::find(spec, {"containers"}), index - inits);
}

}  // namespace podrun::pod
