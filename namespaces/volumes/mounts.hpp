// Detached mounts, made in the host's mount namespace and carried into the pod as descriptors; they are never visible
// on the host.
#pragma once

#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Why mounts cannot propagate as asked at a host path; "" if they can, or if nobody can tell without rights.
std::string propagation_fault(const std::string& path, pod::MountPropagation propagation);

/// Clones, recursively, the mounts at a host path, at a volume that the pod has in memory, or at a part of either. An
/// error says what is in the way, or which propagation the host's mount lacks.
Result<Fd> clone_tree(const pod::host::CloneTree& step, const PodMounts& pod);

/// Clones the proc(5) at /proc of the process `owner` (a pidfd), without what is mounted on it. Error: it shows another
/// PID namespace, or /proc is no proc.
Result<Fd> clone_proc(const pod::host::CloneProc& step, int owner);

/// Makes the file of terminationMessagePath as a mount of its own: empty (0666), whatever the previous instance wrote;
/// nothing in it is ever executed.
Result<Fd> make_message_file(const pod::host::MessageFile& step);

}  // namespace podrun::ns
