// Opens a path of a container or volume as the container itself would follow it.
#pragma once

namespace podrun::ns {

/// Opens what is at `path` below the directory `root` with openat2(2). Links and ".." are followed inside `root`, also
/// those in volumes: this is for paths that a container may choose by itself. `flags` as for open(2). Makes nothing.
/// noexcept, no allocation: child steps use it too.
int open_inside(int root, const char* path, int flags) noexcept;

}  // namespace podrun::ns
