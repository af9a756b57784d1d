// A running pod, compiled again from the copies that were made at its start: what the user's file and the images say by
// now is not this pod.
#pragma once

#include "supervisor/layout.hpp"
#include "supervisor/load.hpp"
#include "supervisor/record.hpp"

namespace podrun::supervisor {

/// Manifest and images from the pod's run directory. Copies that cannot be read are a Bug.
OrRefusal<Loaded> load_stored(const Layout& layout, const PodRecord& record);

}  // namespace podrun::supervisor
