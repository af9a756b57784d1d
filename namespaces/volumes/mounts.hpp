// Detached mounts: made in the host's namespace, carried into the pod as descriptors, never visible on the host.
#pragma once

#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// The overlay root of instance `instance`: nodev, volatile (its unmount does not sync the disk), layers named by
/// descriptor so that neither length nor commas nor colons of a path matter.
Result<Fd> make_overlay(const pod::host::OverlayRoot& step, int instance);

/// A recursive clone of the mounts at a host path, or of a volume that `pod` has in memory, or of a part of it. An
/// error says what stands in the way, or which propagation the host's own mounts do not give.
Result<Fd> clone_tree(const pod::host::CloneTree& step, const PodMounts& pod);

/// The proc(5) at /proc of the process `owner` (a pidfd), without what is mounted on it. Error: it is that of another
/// PID namespace, or none.
Result<Fd> clone_proc(const pod::host::CloneProc& step, int owner);

/// The file, as a mount of its own: empty (0666), whatever the former instance made of it; nothing in it is ever
/// executed.
Result<Fd> make_message_file(const pod::host::MessageFile& step);

}  // namespace podrun::ns
