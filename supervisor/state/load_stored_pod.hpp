// Compiles a running pod again from the copies made at its start. The user's file and the images may have changed
// since.
#pragma once

#include "supervisor/core/layout.hpp"
#include "supervisor/state/load.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// The name under which the pause holds a manifest with Secrets, which is not written to a file.
inline constexpr char manifest_in_memory[] = "podrun-manifest";

/// Reads the manifest (or gets it from the pause) and the images from the pod's run directory, and compiles. A copy
/// that cannot be read is a Bug.
CommandResult<LoadedPod> load_stored_pod(const Layout& layout, const PodRecord& record);

}  // namespace podrun::supervisor
