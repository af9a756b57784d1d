// Where images lie on the host: `<repository>/<tag>/{rootfs,config.json}` below one of the image roots.
#pragma once

#include <string>
#include <vector>

#include "pod/image.hpp"
#include "pod/result.hpp"

namespace podrun::ns {

/// Finds an image by the reference that a manifest uses: `rootfs:/dir`, or `[registry/]repository[:tag]` (no tag:
/// latest) in the first of `roots` that has it. Reads its config and account files, following links only inside its
/// root. The error of a missing image lists where it was looked for.
Result<pod::Image> find_image(const std::string& reference, const std::vector<std::string>& roots);

}  // namespace podrun::ns
