// The images that a command line names, and who uses them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "namespaces/images/image_store.hpp"
#include "pod/text/result.hpp"
#include "supervisor/cli/invocation.hpp"

namespace podrun::supervisor {

/// An image in a folder that somebody has laid out: `<repository>/<tag>/{rootfs,config.json}`.
struct FolderImage {
  std::string reference;  ///< as images_below() has it: "localhost/busybox"
  std::string rootfs;     ///< the absolute path of its root
};

/// Those below the image roots.
std::vector<FolderImage> folder_images(const Invocation& invocation);
/// The one that a reference names; empty if there is none. Manifests find these first.
std::optional<FolderImage> find_folder_image(const Invocation& invocation, const std::string& reference);

/// Finds an image of the store by a reference, or else by its id. Errors: ENOENT with a hint, EINVAL for what is no
/// reference, EEXIST for an ambiguous id.
Result<ns::HeldImage> find_known_image(const Invocation& invocation, const std::string& text);

/// The exit status for such an error.
ExitStatus status_of(const Error& error);

/// The names of running pods, by the references of their images as their manifests have them.
using PodsByReference = std::map<std::string, std::vector<std::string>>;
PodsByReference pods_by_reference(const Layout& layout);

/// Which of them use an image of the store: it is held, and their reference is one of its names, a digest of it, or its
/// id.
std::vector<std::string> users_of(const ns::ListedImage& image, const PodsByReference& pods);
/// Which of them use one in a folder.
std::vector<std::string> users_of(const FolderImage& image, const PodsByReference& pods);

}  // namespace podrun::supervisor
