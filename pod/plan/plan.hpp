// The plan: everything a pod's start does, as data. What is printed is what is run. steps.hpp has what it is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pod/annotations/backoff_times.hpp"
#include "pod/plan/steps.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/spec/policies.hpp"

namespace podrun::pod {

/// One container: how it is cloned and the steps on both sides of the clone.
struct ContainerPlan {
  std::string name;
  std::string image;
  Composition namespaces{};
  std::vector<std::string> remarks;  ///< why a namespace or a limit is not what one would expect; for people
  std::optional<Slot> pid_namespace;  ///< of whom the process is born into: a pidfd. Empty: a new one, or the host's
  std::vector<std::string> descriptors;  ///< the names of the slots; begins with slot::names
  TerminationMessagePolicy message_policy = TerminationMessagePolicy::File;
  std::vector<HostStep> host;
  std::vector<ChildStep> child;
};

/// One pod.
struct PodPlan {
  std::string id;  ///< "<namespace>_<name>"
  std::string name;
  std::string uid;
  RestartPolicy restart_policy = RestartPolicy::Always;
  std::int64_t grace_seconds = 30;
  BackoffTimes backoff;
  std::string storage;  ///< the pod's own directory on disk: pods/<uid>
  std::vector<FileStep> files;
  std::vector<SandboxStep> sandbox;
  std::vector<MemoryStep> memory;
  std::vector<ContainerPlan> containers;
};

}  // namespace podrun::pod
