// Warns of parts of the host that a manifest exposes to containers. `podrun check` and every start print the warnings:
// the author of a manifest is trusted, but may not be aware of the exposure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pod/manifest/volume_use.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// What a container can do with a hostPath, in one sentence each: "hostPath /run: …". Empty for a path that is not
/// known to expose the host. ROOT is podrun's --root, or "".
std::vector<std::string> exposures_of(std::string_view path, VolumeUse use, std::string_view root);

/// Warns of hostPaths that expose the host or are inside another hostPath to which containers can write, and of
/// containers with the capability DAC_READ_SEARCH, or NET_ADMIN in a network that is connected to the host. NODE is the
/// pod.
void warn_of_exposure(const Pod& pod, const yaml::Node& node, std::string_view root, DiagnosticCollector& report);

/// A directory on the path of an image's root, and its mode, inode(7).
struct ImagePathDirectory {
  std::string path;
  std::uint32_t mode;
};

/// The warning about an image whose root directory other users of the host can enter, and so run its set-user-ID
/// programs; "" if the mode of a directory on the WAY, which includes the root itself, prevents that. The warning
/// suggests to change the mode of the directory CLOSE.
std::string exposure_of_image(std::string_view reference, const std::vector<ImagePathDirectory>& way,
                              std::string_view close);

}  // namespace podrun::pod
