// A pod that a podrun of before has started: what its pause has elsewhere gets the places that plans name now.
#pragma once

#include "namespaces/kernel/fd.hpp"
#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Whether a pause of that protocol version laid things out in another way: /shm and /ipc in the pod's root, volumes in
/// memory in .volumes, no proc of the pod's PID namespace among the cells.
bool has_legacy_cells(unsigned version);

/// Makes clones of those mounts at their present places; what is there already stays. `proc`: of the pod's PID
/// namespace, clone_proc(); empty if the pod has none, or nobody to take it from. Works in a child of ours, in the
/// pod's mount namespace.
Result<> migrate_legacy_cells(const PodMounts& pod, const Fd& proc);

}  // namespace podrun::ns
