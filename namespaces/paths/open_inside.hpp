// Opens a path of a container or volume as the container itself would follow it.
#pragma once

namespace podrun::ns {

/// Opens what is there with openat2(2), following links and ".." inside `root`, also those in volumes: for what a
/// container may choose by itself. `flags` as for open(2). Makes nothing. noexcept, no allocation: child
/// steps use it too.
int open_inside(int root, const char* path, int flags) noexcept;

}  // namespace podrun::ns
