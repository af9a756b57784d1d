// Removes the root that the previous instance of a container leaves in the pod's mount namespace. The step
// SetAsideOldRoot has moved it out of the way of the new one.
#pragma once

#include <string>

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Unmounts what was set aside, if anything was. To be called in a child (child_task.hpp): it enters the pod's mount
/// namespace and stays there, and it takes as long as making a new layer, or longer, because the layer and what was
/// deleted in it are freed meanwhile. `pause` is the pidfd of the pause; `cells` is the pod's /c, O_PATH.
Result<> unmount_old_root(const pod::ContainerPlan& plan, int pause, int cells);

/// Removes the writable layers of all instances before `instance` from `directory`, that of OverlayRoot. A layer to
/// which a process still writes, through a descriptor of the old root, is removed when a later instance starts.
Result<> remove_former_layers(const std::string& directory, int instance);

}  // namespace podrun::ns
