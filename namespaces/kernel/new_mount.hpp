// New file systems as detached mounts: fsopen(2), fsconfig(2), fsmount(2).
#pragma once

#include <span>

namespace podrun::ns {

/// One "key=value" of a file system; a null value makes it a flag.
struct MountOption {
  const char* key;
  const char* value;
};

/// Makes a file system of type `type` and returns its detached mount, close-on-exec, or -1 with errno. `attributes` are
/// MOUNT_ATTR_… of mount_setattr(2). noexcept, no allocation: child steps use it too.
int new_mount(const char* type, unsigned attributes, std::span<const MountOption> options = {}) noexcept;

/// A new instance of devpts with the options that every container's has, or -1 with errno.
int new_devpts() noexcept;

}  // namespace podrun::ns
