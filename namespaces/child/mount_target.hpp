// Mount points inside a container's root: opened so that no link of the image leads out of it, and no link of a volume
// anywhere.
#pragma once

#include <cstdint>

namespace podrun::ns {

enum class TargetKind : std::uint8_t { Directory, File };

/// Opens `path` below the directory `root` as O_PATH; makes it and its missing parents. Links on the root's own mount
/// are the image's: they are followed inside `root`, as by openat2(2) with RESOLVE_IN_ROOT, also where they dangle. Any
/// other mount is a volume, in which a neighbour may have made links: there none is followed, nor "..", and what is
/// missing is made by descriptor. Returns the descriptor, or -1 with errno: ELOOP for a link in a volume, a link of
/// proc(5), or too many links; EISDIR or ENOTDIR where something of another kind is. noexcept, no allocation: for child
/// steps.
int open_target(int root, const char* path, TargetKind kind) noexcept;

/// The same walk to what is there, of any kind. Makes nothing.
int open_existing(int root, const char* path) noexcept;

}  // namespace podrun::ns
