// The intermediate: the process that prepares one that is born into a PID namespace where others live. It performs the
// plan's steps up to those that change rights, and executes podrun-entry (namespaces/entry/entry_protocol.hpp draws all
// processes). The container's processes never see it.
#pragma once

#include "namespaces/child/run_intermediate.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Whose child an intermediate is.
enum class IntermediateParent {
  Caller,
  MortalCaller,  ///< the caller's: it is killed when the caller dies
  Pause,         ///< that of the pause, whose child the caller is
};

/// Makes the intermediate, born into the control group `cgroup`. Returns when it has executed podrun-entry, or has failed
/// and reported that on the report socket: until then it mostly uses the memory of the caller, as with vfork(2).
Result<Process> start_intermediate(const pod::ContainerPlan& plan, const ChildContext& context,
                                   const EntryDescriptors& descriptors, int cgroup, IntermediateParent parent);

}  // namespace podrun::ns
