// What a manifest lays open of the host: for warnings, by `podrun check` and before a start. The manifest's author is
// trusted, but may not know.
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

/// What a container can do with a hostPath, one sentence each: "hostPath /run: …". Empty for a path that is none of
/// those which are known to lay the host open. ROOT: podrun's own --root, "" without.
std::vector<std::string> exposures_of(std::string_view path, VolumeUse use, std::string_view root);

/// Warns of hostPaths that lay the host open, or lie in another one that containers can write, and of containers that
/// have the capability DAC_READ_SEARCH. NODE is the pod.
void warn_of_exposure(const Pod& pod, const yaml::Node& node, std::string_view root, DiagnosticCollector& report);

/// A directory on the way to an image's root, and its mode, inode(7).
struct ImagePathDirectory {
  std::string path;
  std::uint32_t mode;
};

/// The warning of an image whose root directory the host's other users can enter, so that they can run its set-user-ID
/// programs; "" if one of the directories on the WAY, the root itself among them, keeps them out. CLOSE is the one that
/// should.
std::string exposure_of_image(std::string_view reference, const std::vector<ImagePathDirectory>& way,
                              std::string_view close);

}  // namespace podrun::pod
