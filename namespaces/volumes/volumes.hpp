// The pod's volumes: what is made for them once, on disk and in memory.
#pragma once

#include "namespaces/kernel/fd.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Looks what lies at a hostPath; makes a directory (0755, its parents too) or a file (0644) where the type wants one.
/// An error names the volume, the path and what lies there.
Result<> perform(const pod::file::CheckHostPath& step);

/// Writes the files as the kubelet's atomic writer does; what was there before goes.
Result<> perform(const pod::file::WriteVolume& step);

/// Group, setgid and rw for the group, in a whole tree; follows no link, enters no other file system.
Result<> perform(const pod::file::GiveToGroup& step);

/// A pod's mount namespace and the descriptor of its /c, beneath the cover.
struct PodMounts {
  int pause;  ///< pidfd
  int cells;  ///< O_PATH
};

/// Makes a volume in memory, unless the pod has it: so every supervisor may do this. One with files has all of them
/// from its first instant on.
Result<> perform(const pod::MemoryStep& step, const PodMounts& pod);

}  // namespace podrun::ns
