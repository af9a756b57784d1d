// A running pod, compiled again from the copies that were made at its start: what the user's file and the images say by
// now is not this pod.
#pragma once

#include "supervisor/core/layout.hpp"
#include "supervisor/state/load.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// What the pause holds the manifest as, where it has Secrets: they lie in no file.
inline constexpr char manifest_in_memory[] = "podrun-manifest";

/// Manifest (if it is not the pause that has it) and images from the pod's run directory. Copies that cannot be read
/// are a Bug.
CommandResult<LoadedPod> load_stored_pod(const Layout& layout, const PodRecord& record);

}  // namespace podrun::supervisor
