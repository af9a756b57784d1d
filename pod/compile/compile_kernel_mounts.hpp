// Compiles the mounts of the kernel's file systems in a container: proc, sysfs, /dev, shared memory.
#pragma once

#include <string_view>

#include "pod/compile/mount_list.hpp"

namespace podrun::pod {

inline constexpr std::string_view shared_memory_path = "/dev/shm";

/// Adds the mounts. For a privileged container they are writable, without masks, and with the host's devices.
void add_kernel_mounts(const ContainerContext& context, MountList& list);

}  // namespace podrun::pod
