// What POD[/CONTAINER] means to `podrun exec` and `podrun debug`: a container that runs, and what it was started by.
#pragma once

#include <string>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/plan/plan.hpp"
#include "supervisor/core/command_error.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor {

/// The container. All that is known of it comes from the pod's run directory, none from its own /proc: no supervisor
/// need live, and the application has no say in it.
struct ExecTarget {
  std::string id;  ///< the pod's, <namespace>_<name>
  LoadedPod loaded;   ///< the pod
  std::size_t index;
  ns::Process process;  ///< the container's first
  Fd root;              ///< that one's, O_PATH
  Fd cgroup;
  pid_t pause;  ///< the pod's

  const pod::ContainerPlan& plan() const { return loaded.plan.containers[index]; }
};

/// Finds the container that an operand names: POD, POD/CONTAINER or NAMESPACE/POD/CONTAINER. Without CONTAINER it is
/// the pod's first, and a note says so if there are others. `namespace_name` is the one of -n, or empty. Errors: there
/// is no such pod or container, or it does not run.
CommandResult<ExecTarget> find_target(const Layout& layout, const std::string& operand,
                                      const std::string& namespace_name);

/// A refusal because the container ends at this moment.
std::unexpected<CommandError> container_ending_error(const std::string& pod, const std::string& container);

}  // namespace podrun::supervisor
