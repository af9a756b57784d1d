// Opens mount points inside a container's root so that no link of the image leads out of it, and no link of a volume is
// followed.
#pragma once

#include <cstdint>

namespace podrun::ns {

enum class TargetKind : std::uint8_t { Directory, File };

/// Opens `path` below the directory `root` as O_PATH, and makes it and its missing parents. Links on the root's own
/// mount are the image's: they are followed inside `root`, as by openat2(2) with RESOLVE_IN_ROOT, also where they
/// dangle. Any other mount is a volume, in which another container may have made links: no link and no ".." is followed
/// there, and what is missing is made by descriptor. Returns the descriptor, or -1 with errno: ELOOP for a link in a
/// volume, a link of proc(5), or too many links; EISDIR or ENOTDIR if something of another kind is there.
int open_target(int root, const char* path, TargetKind kind) noexcept;

/// Opens `path` in the same way, whatever its kind, but makes nothing.
int open_existing(int root, const char* path) noexcept;

}  // namespace podrun::ns
