// Overlays: the roots of containers, and images as volumes. They are made in the host's mount namespace as detached
// mounts, and are never visible there. An image has up to 128 layers, an overlay takes 500.
#pragma once

#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Makes the overlay root of instance `instance`: nodev, and volatile (its unmount does not sync the disk). Layers are
/// named by descriptor, so that neither length nor commas nor colons of a path matter.
Result<Fd> make_overlay(const pod::host::OverlayRoot& step, int instance);

/// Makes a read-only overlay of the layers of an image and returns the descriptor of its directory in `at`, an empty
/// directory that the mount is attached to. The caller is in a mount namespace of its own, and `scratch` is a directory
/// that it may mount on.
Result<Fd> attach_image(const pod::host::CloneTree& step, const std::string& scratch);

/// Unshares the caller's mount namespace, and keeps its mounts from the one that it leaves.
Result<> enter_own_mount_namespace();

/// Checks that all layers are there, and opens them with O_PATH. A link on the way is an error.
Result<std::vector<Fd>> open_layers(const std::vector<std::string>& paths);

/// What an overlay is made of.
struct OverlayParts {
  std::vector<Fd> layers;  ///< O_PATH, uppermost first
  Fd upper{}, work{};      ///< none: it is read-only, and has at least two layers
  bool user_xattr = false;
};

/// Makes it by fsconfig(2). EINVAL may mean that the kernel cannot be told so many layers in this way: one option has at
/// most 255 bytes, about 85 layers, and only Linux 6.8 takes one option for each.
Result<Fd> overlay_by_fsconfig(const OverlayParts& parts);

/// Makes it by mount(2), whose options have 4,095 bytes, on the directory `place` in the caller's own mount namespace,
/// and returns a detached clone.
Result<Fd> overlay_by_mount(const OverlayParts& parts, const std::string& place);

}  // namespace podrun::ns
