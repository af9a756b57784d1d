// Where images lie on the host: `<repository>/<tag>/{rootfs,config.json}` below one of the image roots.
#pragma once

#include <string>
#include <vector>

#include "pod/manifest/exposure.hpp"
#include "pod/spec/image.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Finds an image by the reference that a manifest uses: `rootfs:/dir`, or `[registry/]repository[:tag]` (no tag:
/// latest) in the first of `roots` that has it. Reads its config and account files, following links only inside its
/// root. The error of a missing image lists where it was looked for.
/// No file of it is opened that is none: a device or a FIFO.
Result<pod::Image> find_image(const std::string& reference, const std::vector<std::string>& roots);

/// The directories from / to an image's root, a path without links, with their modes; one that cannot be looked at has
/// none.
std::vector<pod::ImagePathDirectory> image_path_directories(const std::string& rootfs);

}  // namespace podrun::ns
