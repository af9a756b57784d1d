// Detached mounts: made in the host's namespace, carried into the pod as descriptors, never visible on the host.
#pragma once

#include <string>
#include <vector>

#include "namespaces/fd.hpp"
#include "pod/plan.hpp"
#include "pod/result.hpp"

namespace podrun::ns {

/// The overlay root of instance `instance`: nodev, volatile (its unmount does not sync the disk), layers named by
/// descriptor so that neither length nor commas nor colons of a path matter.
Result<Fd> make_overlay(const pod::host::OverlayRoot& step, int instance);

/// A recursive, private clone of the mounts at a host path.
Result<Fd> clone_tree(const pod::host::CloneTree& step);

}  // namespace podrun::ns
