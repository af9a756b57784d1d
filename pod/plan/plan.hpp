// The plan of a pod: all steps of its start, as data. The plan that is printed is the plan that is executed. steps.hpp
// has the steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pod/annotations/backoff_times.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/plan/steps.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/spec/policies.hpp"
#include "pod/spec/probes.hpp"

namespace podrun::pod {

/// The plan of one container: how its process is cloned, and the steps before and after the clone.
struct ContainerPlan {
  std::string name;
  ContainerRole role = ContainerRole::App;
  std::optional<RestartPolicy> restart_policy;  ///< empty: the pod's
  std::vector<RestartRule> restart_rules;       ///< the first one that matches holds before the policy
  Probes probes;
  Hooks hooks;
  int stop_signal = 15;  ///< SIGTERM, unless the manifest or the image says otherwise
  std::string image;
  std::string image_id{};     ///< Image::id
  bool awaits_image = false;  ///< the image is not there yet: the plan has no steps, and the next revision will
  Composition namespaces{};
  std::vector<std::string> remarks;  ///< for display: why podrun chose a namespace or limit that may be unexpected
  /// A pidfd of a process in the PID namespace in which the container's process is created. Empty: a new PID namespace,
  /// or the host's.
  std::optional<Slot> pid_namespace;
  std::vector<std::string> descriptors;  ///< names of the slots; begins with slot::names
  TerminationMessagePolicy message_policy = TerminationMessagePolicy::File;
  std::vector<HostStep> host;
  std::vector<ChildStep> child;
};

/// Whether the container waits for its image. Its next revision is verified when it is compiled.
inline bool has_no_steps_yet(const ContainerPlan& plan) {
  return plan.awaits_image && plan.host.empty() && plan.child.empty();
}

/// The plan of a pod.
struct PodPlan {
  std::string id;  ///< "<namespace>_<name>"
  std::string name;
  std::string uid;
  RestartPolicy restart_policy = RestartPolicy::Always;
  std::int64_t grace_seconds = 30;
  std::optional<std::int64_t> active_deadline_seconds;  ///< since the pod's start; empty: it may run for ever
  BackoffTimes backoff;
  std::string storage;  ///< the pod's directory on disk: pods/<uid>
  std::vector<FileStep> files;
  std::vector<SandboxStep> sandbox;
  std::vector<MemoryStep> memory;
  std::vector<NetworkPlan> networks;  ///< the pod's first, then those of containers; executed after `sandbox`
  std::vector<ContainerPlan> containers;

  // Defined in plan.cpp: compiled once, not in each unit that holds one.
  PodPlan();
  PodPlan(const PodPlan&);
  PodPlan(PodPlan&&) noexcept;
  PodPlan& operator=(const PodPlan&);
  PodPlan& operator=(PodPlan&&) noexcept;
  ~PodPlan();
};

}  // namespace podrun::pod
