// The sandbox steps, which the pause performs on itself.
#pragma once

#include "namespaces/pause/pause_protocol.hpp"

namespace podrun::pause {

/// Performs one step. Returns 0 or an errno. `aux_fd` is the descriptor that came with it: the pod's control group for
/// Init, the host's /proc/sys for Sysctl. Root sets `*made` to a descriptor of /c beneath its cover; Init, which needs
/// the pause's command line `argv`, sets it to the init's pidfd.
int do_sandbox_step(const Message& step, int aux_fd, char** argv, int* made);

/// Mounts a file system at a new directory among the cells, beneath their cover. Returns 0 or an errno.
int mount_among_cells(const char* name, const char* path, const char* type, unsigned long flags, const char* options);

}  // namespace podrun::pause
