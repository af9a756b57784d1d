// The process that goes before one that is born into a PID namespace where others live: it takes the plan's steps up to
// the rights, and executes podrun-entry (namespaces/entry/entry_protocol.hpp draws all of them). Nobody in the
// container sees it.
#pragma once

#include "namespaces/child/run_intermediate.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Makes the intermediate, our child, born into the control group `cgroup`; waits until it has executed podrun-entry or
/// failed, which it says on the report socket: meanwhile it mostly has our memory (vfork(2)). With `dies_with_us` it is
/// killed when we die.
Result<Process> start_intermediate(const pod::ContainerPlan& plan, const ChildContext& context,
                                   const EntryDescriptors& descriptors, int cgroup, bool dies_with_us);

}  // namespace podrun::ns
