// The files and volumes of a pod, which exist before its containers.
#pragma once

#include "pod/text/result.hpp"
#include "supervisor/engine/helper_processes.hpp"
#include "supervisor/engine/pod_context.hpp"

namespace podrun::supervisor {

/// Whether the file steps may be performed before the register is read. Not if a step takes long, because a stop must be
/// handled meanwhile, nor in a later supervisor, which must first know how far the former one came.
bool writes_files_early(const PodContext& pod);

/// Performs the file steps; those that may take long in a child process.
Result<> write_files(const PodContext& pod, HelperProcesses& helpers);

/// Makes the volumes in memory. Those that a former supervisor made are found there.
Result<> make_memory_volumes(const pod::PodPlan& plan, const ns::PodMounts& mounts);

}  // namespace podrun::supervisor
