// The pod's volumes in memory.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A pod's mount namespace and the descriptor of its /c, beneath the cover.
struct PodMounts {
  int pause;  ///< pidfd
  int cells;  ///< O_PATH
};

/// Makes a volume in memory, unless the pod has it: so every supervisor may do this. One with files has all of them
/// from its first instant on.
Result<> perform(const pod::MemoryStep& step, const PodMounts& pod);

}  // namespace podrun::ns
