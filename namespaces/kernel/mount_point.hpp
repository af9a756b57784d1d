// Where a mount begins.
#pragma once

namespace podrun::ns {

/// Detaches everything that is mounted at `path`, with umount2(2); follows no link. Nothing mounted there is no error.
/// Returns 0 or an errno. noexcept, no allocation: a child step uses it too.
int unmount_all(const char* path) noexcept;

}  // namespace podrun::ns
