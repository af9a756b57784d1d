// The volumes of an image's config (VOLUME in a Dockerfile).
#pragma once

#include <string>
#include <vector>

#include "pod/compile/compile_mounts.hpp"

namespace podrun::pod {

/// The volumes of a container's image.
struct ConfigVolumes {
  std::vector<std::string> paths;    ///< parents before children
  std::vector<std::string> remarks;  ///< why others are left out
};

/// As containerd, podrun gives each instance of a container what the image has at these paths, to be changed also when
/// the root is read-only. A path at or below a mount of the manifest is that mount's.
ConfigVolumes config_volumes(const ContainerContext& context);

}  // namespace podrun::pod
