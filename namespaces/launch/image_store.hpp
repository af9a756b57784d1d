// Finds images on the host: `<repository>/<tag>/{rootfs,config.json}` below one of the image roots.
#pragma once

#include <string>
#include <vector>

#include "pod/manifest/exposure.hpp"
#include "pod/spec/image.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Finds an image by the reference that a manifest uses: `rootfs:/dir`, or `[registry/]repository[:tag]` (no tag means
/// latest) in the first of `roots` that has it. Reads its config and account files; links are followed only inside its
/// root, and nothing but a regular file is opened. The error of a missing image lists where it was looked for.
Result<pod::Image> find_image(const std::string& reference, const std::vector<std::string>& roots);

/// The references of all images below the roots: "localhost/busybox", "app:1.2", in alphabetical order.
std::vector<std::string> images_below(const std::vector<std::string>& roots);

/// The image below the roots that may be meant by a reference to another: with the same name in another place or version,
/// or with a similar name. "" if there is none.
std::string similar_image(const std::string& reference, const std::vector<std::string>& roots);

/// Lines for people who miss an image: which images there are, which one may be meant, and how to bring it here.
std::string image_hint(const std::string& reference, const std::vector<std::string>& roots);

/// The directories from / to an image's root, a path without links, with their modes. The mode is 0 if a directory
/// cannot be examined.
std::vector<pod::ImagePathDirectory> image_path_directories(const std::string& rootfs);

}  // namespace podrun::ns
