// The pod's life above its containers': order of start, stop, phase, end. Pure.
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
std::string_view to_string(Phase phase);

/// A container whose namespaces another joins, which therefore starts after it.
struct Join {
  std::size_t container;
  bool alive;  ///< the other must run at every start of this one; else it is enough that it has been started once
};

/// What the pod's table is parametrised with.
struct PodPolicy {
  ContainerPolicy container;                                  ///< one for all, so far
  std::chrono::nanoseconds grace = std::chrono::seconds(30);  ///< terminationGracePeriodSeconds
  std::vector<std::vector<Join>> joins;  ///< of each container; empty: none joins another
  std::vector<bool> ending;  ///< containers whose process is about to end, as the kernel says; empty: none
};

/// The pod's part of the state file.
struct PodStatus {
  std::vector<ContainerStatus> containers;  ///< in the manifest's order
  bool stopping = false;                    ///< a stop was asked for

  bool operator==(const PodStatus&) const = default;
};

namespace event {
/// The pod starts (or its first supervisor died before every container had been started).
struct PodStart {};
/// A stop was asked for; a second one kills.
struct PodStop {
  std::optional<std::chrono::nanoseconds> grace;  ///< empty: the pod's own
};
/// Something happened to container `index`.
struct OfContainer {
  std::size_t index;
  Event event;
};
}  // namespace event
using PodEvent = std::variant<event::PodStart, event::PodStop, event::OfContainer>;

/// An action and the container it is for.
struct PodAction {
  std::size_t container;
  Action action;
};

struct PodTransition {
  TableCell cell = TableCell::Acts;
  PodStatus next;
  std::vector<PodAction> actions;
};

/// One step of the pod. App containers start in listed order and stop all at once. None waits for another, but for one
/// that joins another's namespaces: that one starts, and starts again, when the other runs; with the other's mounts or
/// PID namespace it also ends with it. If the other has ended for good it starts nevertheless, and its start fails with
/// the reason. The state file is the whole pod's, so a stop is recorded once, before the first signal is sent.
PodTransition step(const PodPolicy& policy, const PodStatus& status, const PodEvent& event, BootTime now);

/// The last that can be said of a pod whose processes were killed and its pause, which knew how they ended, with them:
/// at `now`, or 0 if nobody knows when. As the kubelet, which says the same of containers that it cannot find any more.
PodStatus lost(PodStatus status, BootTime now);

/// As the kubelet's getPhase. A container in back-off has run and will run again, so a crash-looping pod is
/// Running. The restart policy is no parameter: it has decided which containers are final.
Phase phase(const PodStatus& status);

/// Whether every container's first exec has succeeded or failed (or will never come): what `-d` and READY=1
/// wait for.
bool started(const PodStatus& status);

/// Whether no container will run again: the pod's end.
bool ended(const PodStatus& status);

}  // namespace podrun::supervisor
