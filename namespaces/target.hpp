// Mount points inside a container's root: opened so that no link of the image can lead out of it.
#pragma once

#include <cstdint>

namespace podrun::ns {

enum class TargetKind : std::uint8_t { Directory, File };

/// Opens `path` below the descriptor `root` (openat2 RESOLVE_IN_ROOT) as O_PATH; makes it and its missing parents, also
/// where a dangling link points. Returns the descriptor, or -1 with errno. noexcept, no allocation: for child steps.
int open_target(int root, const char* path, TargetKind kind) noexcept;

/// Opens what is there, following links and ".." inside `root` only; `flags` as for open(2). Makes nothing.
int open_inside(int root, const char* path, int flags) noexcept;

/// The same as O_PATH, also where `path` is absolute or "/".
int open_existing(int root, const char* path) noexcept;

}  // namespace podrun::ns
