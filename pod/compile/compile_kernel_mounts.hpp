// Compiles the mounts of the kernel's file systems in a container: proc, sysfs, /dev, shared memory.
#pragma once

#include <string_view>

#include "pod/compile/mount_list.hpp"

namespace podrun::pod {

inline constexpr std::string_view shared_memory_path = "/dev/shm";
inline constexpr std::string_view devices_path = "/dev";
inline constexpr std::string_view sysfs_path = "/sys";

/// Whether a path is that of a device that every container has: /dev/null, /dev/zero, …
bool is_common_device(std::string_view path);

/// Adds the mounts, and the volumes at /dev and /sys. For a privileged container they are writable, without masks, and
/// with the host's devices.
void add_kernel_mounts(const ContainerContext& context, MountList& list);

}  // namespace podrun::pod
