// Finds the container of a running pod, for `podrun exec`, `debug` and `attach`.
#pragma once

#include <string>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "supervisor/core/command_error.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// A running container. All information comes from the pod's run directory and from its pause, and none from the
/// container's /proc, which the application controls. No supervisor needs to be alive.
struct ExecTarget {
  PodRecord record;
  std::size_t index;        ///< of the container, in the record
  pod::ContainerPlan plan;  ///< the revision that its present instance runs
  pod::HostFacts facts;
  ns::Process process;  ///< first process of the container
  Fd root;              ///< root directory of that process, O_PATH
  ns::PodCgroup cgroups;
};

/// Finds a container of the pod with that id. If `container` is empty it is the pod's first, and a note says so if
/// there are others. Errors: there is no such container, or it does not run.
CommandResult<ExecTarget> find_target(const Layout& layout, const std::string& id, const std::string& container);

/// The error for a container that is ending.
std::unexpected<CommandError> container_ending_error(const std::string& pod, const std::string& container);

}  // namespace podrun::supervisor
