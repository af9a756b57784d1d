// What a container sees of the kernel: proc, sysfs, devices, shared memory.
#pragma once

#include <string_view>

#include "pod/compile/mount_list.hpp"

namespace podrun::pod {

inline constexpr std::string_view shared_memory_path = "/dev/shm";

/// What the kernel gives: for a privileged container writable, whole, and with the host's devices.
void add_kernel_mounts(const ContainerContext& context, MountList& list);

}  // namespace podrun::pod
