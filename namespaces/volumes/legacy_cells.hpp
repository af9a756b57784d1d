// Adopts a pod that an older version of podrun has started: its mounts get the places that plans use now.
#pragma once

#include "namespaces/kernel/fd.hpp"
#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Whether a pause of that protocol version uses other places: /shm and /ipc in the pod's root, volumes in memory in
/// .volumes, and no proc of the pod's PID namespace among the cells.
bool has_legacy_cells(unsigned version);

/// Clones those mounts to their present places; what is there already stays. `proc` is that of the pod's PID namespace,
/// clone_proc(); empty if the pod has none, or no process to take it from. Works in a child, in the pod's mount
/// namespace.
Result<> migrate_legacy_cells(const PodMounts& pod, const Fd& proc);

}  // namespace podrun::ns
