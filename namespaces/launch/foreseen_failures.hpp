// Foresees which mounts of a container, and whether its working directory, must fail on this host.
#pragma once

#include <cstddef>
#include <vector>

#include "pod/plan/plan.hpp"

namespace podrun::ns {

/// A step that must fail, and its errno: of the container's process, or the host step that opens a subPath.
struct ForeseenFailure {
  std::size_t step;
  int error;
  bool is_host_step = false;
};

/// Walks the paths of the container's steps without mounting or making anything: in its image, in the file systems of
/// the kernel, and in the volumes whose content is known before the start. What nobody can know yet, because another
/// container may make it, or without rights, is no failure. CONTAINER is an index.
std::vector<ForeseenFailure> foreseen_failures(const pod::PodPlan& plan, std::size_t container);

}  // namespace podrun::ns
