// Whether something is mounted at a path, and unmounting it.
#pragma once

#include <string>

namespace podrun::ns {

/// Whether a mount begins at the entry `path` of `directory`, which is not followed if it is a link: the attribute
/// STATX_ATTR_MOUNT_ROOT of statx(2).
bool is_mount_point(int directory, const std::string& path) noexcept;

/// Detaches everything that is mounted at `path`, with umount2(2); follows no link. Nothing mounted there is no error.
/// Returns 0 or an errno. noexcept, no allocation: a child step uses it too.
int unmount_all(const char* path) noexcept;

}  // namespace podrun::ns
