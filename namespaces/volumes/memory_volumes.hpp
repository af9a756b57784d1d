// The pod's volumes in memory: tmpfs mounts in the pod's mount namespace.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A pod's mount namespace, and its /c as it is beneath the cover.
struct PodMounts {
  int pause;  ///< pidfd of the pause
  int cells;  ///< O_PATH
};

/// Makes a volume in memory unless the pod has it already, so that every supervisor may do this. The files of a volume
/// are in it before it is mounted.
Result<> perform(const pod::MemoryStep& step, const PodMounts& pod);

}  // namespace podrun::ns
