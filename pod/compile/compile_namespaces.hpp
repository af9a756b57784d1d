// How a container gets into its namespaces: steps for each kind's source.
#pragma once

#include <optional>
#include <vector>

#include "pod/compile/compile_mounts.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// The steps of one container, on both sides of the clone.
struct NamespaceSteps {
  std::vector<HostStep> host;
  std::vector<ChildStep> child;       ///< EnterNamespaces for each source, then OwnMounts if its mounts are private
  std::optional<Slot> pid_namespace;  ///< ContainerPlan::pid_namespace
};

/// The way in for a composition.
NamespaceSteps compile_namespace_steps(const ContainerContext& context, Descriptors& descriptors);

/// Which kinds the pause makes: mnt always, net, ipc and uts if some container uses the pod's.
NamespaceSet kinds_of_pause(const std::vector<ContainerComposition>& composed);

/// Which kinds the pod's init is there for: none without a container that uses the pod's pid, cgroup or time.
NamespaceSet kinds_of_init(const std::vector<ContainerComposition>& composed);

}  // namespace podrun::pod
