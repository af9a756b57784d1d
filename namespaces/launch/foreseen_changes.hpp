// What may change in a volume between the check of a pod and the instant when a container mounts it.
#pragma once

#include <cstdint>

#include "pod/plan/plan.hpp"

namespace podrun::ns {

/// What a container may have changed in a tree.
enum class Change : std::uint8_t {
  None,
  Content,     ///< what is in it
  Everything,  ///< also what the tree itself is
};

/// The change of what TREE shows by the container's other mounts.
Change change_by(const pod::ContainerPlan& container, const pod::host::CloneTree& tree);

/// The greatest change by all containers but EXCEPT.
Change change_by_others(const pod::PodPlan& plan, const pod::host::CloneTree& tree, const pod::ContainerPlan& except);

/// Whether the pod's start makes something in a tree, such as a hostPath that lies in another.
bool is_made_in(const pod::PodPlan& plan, const pod::host::CloneTree& tree);

}  // namespace podrun::ns
