// The plan's file steps: what is made on the host's disk before the containers start.
#pragma once

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Does one of the plan's file steps.
Result<> perform(const pod::FileStep& step);

/// Makes the directory, with its group where it was not there.
Result<> perform(const pod::file::MakeDirectory& step);

/// Writes the file, replacing what was there.
Result<> perform(const pod::file::Write& step);

/// Looks what lies at a hostPath; makes a directory (0755, its parents too) or a file (0644) where the type wants one.
/// An error names the volume, the path and what lies there.
Result<> perform(const pod::file::CheckHostPath& step);

/// Writes the files as the kubelet's atomic writer does; what was there before goes.
Result<> perform(const pod::file::WriteVolume& step);

/// Group, setgid and rw for the group, in a whole tree; follows no link, enters no other file system.
Result<> perform(const pod::file::GiveToGroup& step);

}  // namespace podrun::ns
