// Compiles the steps by which a container enters its namespaces.
#pragma once

#include <optional>
#include <vector>

#include "pod/compile/compile_mounts.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// The steps of one container.
struct NamespaceSteps {
  std::vector<HostStep> host;
  std::vector<ChildStep> child;       ///< EnterNamespaces for each source, then OwnMounts for a private mount namespace
  std::optional<Slot> pid_namespace;  ///< ContainerPlan::pid_namespace
};

/// The steps for the container's composition.
NamespaceSteps compile_namespace_steps(const ContainerContext& context, Descriptors& descriptors);

/// The kinds of namespaces that the pause makes: always mnt, and net, ipc and uts if a container uses the pod's.
NamespaceSet kinds_of_pause(const std::vector<ContainerComposition>& composed);

/// The kinds of namespaces that the pod's init holds: pid, cgroup and time, if a container uses the pod's. If empty,
/// the pod has no init.
NamespaceSet kinds_of_init(const std::vector<ContainerComposition>& composed);

}  // namespace podrun::pod
