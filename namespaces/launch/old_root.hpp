// The root that a container's last instance leaves in the pod's mount namespace: SetAsideOldRoot (apply.hpp) moves it
// out of the new one's way, and here it ends.
#pragma once

#include <string>

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Unmounts what was set aside, if anything was. For a child of ours (child_task.hpp), because it enters the pod's mount
/// namespace and does not come back, and because the layer is given back meanwhile, with what was deleted in it: that
/// takes as long as making a new one, or longer. `pause`: its pidfd; `cells`: the pod's /c, O_PATH.
Result<> unmount_old_root(const pod::ContainerPlan& plan, int pause, int cells);

/// Removes the writable layers of all instances before `instance` from `directory`, OverlayRoot's. One that somebody
/// still filled when its turn came, through a descriptor of the old root, goes at a later instance's start.
Result<> remove_former_layers(const std::string& directory, int instance);

}  // namespace podrun::ns
