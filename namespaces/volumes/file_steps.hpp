// The plan's file steps: what is made on the host's disk before the containers start.
#pragma once

#include <string>

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Performs any of the plan's file steps.
Result<> perform(const pod::FileStep& step);

/// Makes a directory. It gets its group only if it was missing.
Result<> perform(const pod::file::MakeDirectory& step);

/// Writes a file and replaces what was there.
Result<> perform(const pod::file::Write& step);

/// Checks what is at a hostPath. Where the type asks for it, a missing directory (0755, with its parents) or file
/// (0644) is made. An error names the volume, the path and what is there.
Result<> perform(const pod::file::CheckHostPath& step);

/// What the step would find fault with, without making anything; "" if nothing, or if nobody can tell without rights.
std::string host_path_fault(const pod::file::CheckHostPath& step);

/// Writes the volume's files as the kubelet's atomic writer does; what was there before is removed.
Result<> perform(const pod::file::WriteVolume& step);

/// Sets the group, setgid and rw for the group in a whole tree. It follows no link and enters no other mount.
Result<> perform(const pod::file::GiveToGroup& step);

}  // namespace podrun::ns
