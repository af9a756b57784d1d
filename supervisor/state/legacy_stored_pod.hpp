// Compiles a running pod that was started by a podrun before state version 2, whose pause holds no plan: from the
// manifest and the images that it copied at the start. The next supervisor does so once, gives the result to the
// pause, and removes the copies. This goes when no such pod can run any more.
#pragma once

#include "supervisor/core/layout.hpp"
#include "supervisor/state/load.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// Reads the manifest (or gets it from the pause, if it has Secrets) and the images from the pod's run directory, and
/// compiles. The environments of running containers with variables from files are those with which they were started.
/// A copy that cannot be read is a Bug.
CommandResult<LoadedPod> load_legacy_pod(const Layout& layout, const PodRecord& record);

/// Whether a hold is such a copy: a manifest with all of its Secrets, or the variables of a container.
bool is_former_copy(const std::string& hold);
/// Removes the copies that are files. It is no error if there are none.
Result<> remove_former_copies(const Layout& layout, const std::string& id);

}  // namespace podrun::supervisor
