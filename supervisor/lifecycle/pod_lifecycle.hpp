// The lifecycle of a pod: order of start and stop, phase, end. Built on the containers' tables. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "supervisor/lifecycle/container_lifecycle.hpp"

namespace podrun::supervisor {

/// Kubernetes' `status.phase`.
enum class Phase : std::uint8_t { Pending, Running, Succeeded, Failed };
/// The name of a phase, e.g. "Running".
std::string_view to_string(Phase phase);

/// A container whose namespaces another one joins. The other one therefore starts after it.
struct Join {
  std::size_t container;
  /// Whether it must run at every start of the joining one; else it suffices that it has been started once.
  bool alive;
};

/// The parameters of the pod's lifecycle.
struct PodPolicy {
  ContainerPolicy container;                                  ///< the same for all containers, so far
  std::chrono::nanoseconds grace = std::chrono::seconds(30);  ///< terminationGracePeriodSeconds
  std::vector<std::vector<Join>> joins;  ///< by container; empty: no container joins another
  std::vector<bool> ending;  ///< by container: the kernel reports that its process is about to end; empty: none
};

/// The pod's part of the state file.
struct PodStatus {
  std::vector<ContainerStatus> containers;  ///< in the manifest's order
  bool stopping = false;                    ///< a stop was requested

  bool operator==(const PodStatus&) const = default;
};

namespace event {
/// The pod starts, or a later supervisor takes over before every container was started.
struct PodStart {};
/// A stop was requested; a second request kills.
struct PodStop {
  std::optional<std::chrono::nanoseconds> grace;  ///< empty: the pod's own grace period
};
/// An event of container `index`.
struct OfContainer {
  std::size_t index;
  Event event;
};
}  // namespace event
/// An event of the pod.
using PodEvent = std::variant<event::PodStart, event::PodStop, event::OfContainer>;

/// An action and the container it is for.
struct PodAction {
  std::size_t container;
  Action action;
};

/// The result of an event.
struct PodTransition {
  TableCell cell = TableCell::Acts;
  PodStatus next;
  std::vector<PodAction> actions;
};

/// Applies an event to the status of a pod.
///
/// Containers start in listed order and all stop at once. A container that joins another's namespaces starts, and
/// restarts, only while the other runs. If it shares the other's mounts or PID namespace, it also ends with it. If the
/// other has ended for good, the container is started all the same, and its start fails with the reason. The state file
/// holds the status of the whole pod, so a stop is recorded once, before the first signal is sent.
PodTransition step(const PodPolicy& policy, const PodStatus& status, const PodEvent& event, BootTime now);

/// The final status of a pod whose processes were killed together with its pause, so that their exit statuses are lost.
/// `now` is the time of that, or 0 if it is not known. The kubelet reports the same for containers that it cannot find.
PodStatus lost(PodStatus status, BootTime now);

/// The phase, as the kubelet's getPhase computes it. A container in back-off has run and will run again, so a
/// crash-looping pod is Running. The restart policy is not a parameter: the containers' states already reflect it.
Phase phase(const PodStatus& status);

/// Whether every container's first exec has succeeded or failed, or will not happen: `-d` and READY=1 wait for this.
bool started(const PodStatus& status);

/// Whether no container will run again, that is, the pod has ended.
bool ended(const PodStatus& status);

}  // namespace podrun::supervisor
