// The lifecycle of a pod: order of start and stop, phase, end. Built on the containers' tables. Pure.
//
// An event changes the status of one container by its table (container_lifecycle.hpp). Then all decisions of the pod are
// made from the status alone, whatever the event was: a container that has lost its owner is killed, one that has to end
// is stopped, one that may start is started, and the pod's start and end are reported. So the adoption of containers by
// a new supervisor is an event like any other.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "supervisor/lifecycle/adoption.hpp"
#include "supervisor/lifecycle/container_lifecycle.hpp"

namespace podrun::supervisor {

/// Kubernetes' `status.phase`.
enum class Phase : std::uint8_t { Pending, Running, Succeeded, Failed };
std::string_view to_string(Phase phase);

using pod::ContainerRole;

/// A container whose namespaces another one joins. The other one therefore starts after it.
struct Join {
  std::size_t container;
  /// Whether it must run at every start of the joining one; else it suffices that it has been started once.
  bool alive;
};

/// Whether a container's image is there.
enum class Image : std::uint8_t {
  Present,
  Awaited,      ///< it is being fetched
  Unavailable,  ///< the last attempt to fetch it has failed; it is awaited all the same
};

/// What the decisions need to know of one container.
struct ContainerSpec {
  ContainerRole role = ContainerRole::App;
  ContainerPolicy policy;
  std::vector<Join> joins;
  Image image = Image::Present;  ///< a change is told by event::ImageChanged
};

/// What the decisions need to know of a pod. Containers are in the order in which they start: init containers and
/// sidecars, then the others.
struct LifecycleSpec {
  std::vector<ContainerSpec> containers;
  std::chrono::nanoseconds grace = std::chrono::seconds(30);  ///< terminationGracePeriodSeconds
  std::optional<BootTime> deadline;  ///< activeDeadlineSeconds after the pod's start: the pod is stopped and has failed
};

/// The roles of the containers, in their order.
std::vector<ContainerRole> roles_of(const LifecycleSpec& spec);

/// What one supervisor has done; a later one begins anew.
struct Progress {
  bool begun = false;      ///< containers may be started
  bool announced = false;  ///< Started
  bool told_ready = false; ///< Ready
  bool finished = false;   ///< Finish
  bool aborted = false;    ///< Abort: nothing follows
  Timers timers;           ///< the pod's own; what they are due at follows from the spec

  bool operator==(const Progress&) const = default;
};

/// Kubernetes' `status.conditions[].type`.
enum class ConditionType : std::uint8_t {
  PodReadyToStartContainers,
  Initialized,
  ContainersReady,
  Ready,
  AllContainersRestarting,
};
/// The number of types.
inline constexpr std::size_t condition_types = 5;
/// The name, e.g. "Ready".
std::string_view to_string(ConditionType type);

/// `status.conditions[]`.
struct Condition {
  bool holds = false;
  BootTime changed{0};  ///< `lastTransitionTime`

  bool operator==(const Condition&) const = default;
};
using Conditions = std::array<Condition, condition_types>;

/// The pod's part of the state file, but for `progress`.
struct PodStatus {
  std::vector<ContainerStatus> containers;  ///< in the spec's order
  bool stopping = false;                    ///< a stop was asked for
  bool deadline_exceeded = false;           ///< it ends because it has run for as long as it may: it has failed
  std::optional<BootTime> stop_deadline;    ///< when the grace period of a pod that ends is over
  bool restarting_all = false;              ///< all containers are ended, and then started anew
  Conditions conditions;                    ///< by ConditionType; as the last decision has left them
  Progress progress;

  bool operator==(const PodStatus&) const = default;
};

namespace event {
/// What a new supervisor finds of each container, before it does anything else.
struct Adopted {
  std::vector<std::optional<Registered>> children;
};
/// What was found has been taken over, and stops that had come meanwhile are known: containers may be started.
struct PodStart {};
/// A stop was asked for; a second one kills.
struct PodStop {
  std::optional<std::chrono::nanoseconds> grace;  ///< empty: the pod's own
};
/// A timer of the pod itself has expired.
struct PodTimer {
  TimerName name;
  std::uint64_t generation;  ///< that of the Arm action; a firing of an older one is ignored
};
/// The image of a container has come, or could not be fetched: the spec says so from now on.
struct ImageChanged {};
/// Something happened to container `index`.
struct OfContainer {
  std::size_t index;
  Event event;
  std::vector<std::size_t> ending{};  ///< containers whose first process the kernel is ending at this moment
};
}  // namespace event
using PodEvent = std::variant<event::Adopted, event::PodStart, event::PodStop, event::PodTimer, event::ImageChanged,
                              event::OfContainer>;

/// The `container` of an action that is the pod's.
inline constexpr std::size_t whole_pod = std::numeric_limits<std::size_t>::max();

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

/// Applies an event to the status of a pod, then everything that is due.
///
/// Init containers run one after the other, and each sidecar is started, its postStart hook and its startup probe
/// included, before the next container begins. App containers start in listed order and wait only for each other's
/// postStart hook: while one runs, and until a container whose hook has failed is gone, no container starts. First starts
/// come before restarts. Each waits for its image. A container that joins another's namespaces starts, and restarts, only
/// while the other runs. If it shares the other's mounts or PID namespace, it also ends with it. If the other has ended
/// for good, the container is started all the same, and its start fails with the reason. A pod that ends, at the latest
/// at its deadline, runs all preStop hooks at once. The stop signal follows; that of a sidecar, the last one first, when
/// those that it serves have ended or the grace period is over. If the exit of a container restarts all
/// (restartPolicyRules), all are killed, and then start anew in their order. The state file holds the status of the whole
/// pod, so a step is recorded once, before its first effect, and once more when all its signals have been sent.
PodTransition step(const LifecycleSpec& spec, const PodStatus& status, const PodEvent& event, BootTime now);

/// Notes in the status what an action has done. The caller does so after each action.
void note_done(PodStatus& status, const PodAction& done);

/// Why a container that is not running does not start. For people and for Kubernetes' `state.waiting`.
enum class WaitingReason : std::uint8_t {
  None,      ///< it runs, has ended, or starts at once
  Backoff,   ///< CrashLoopBackOff
  Init,      ///< an init container has not ended, or a sidecar before it was not started
  Image,     ///< its image is being fetched
  NoImage,   ///< its image could not be fetched; it is tried again
  Owner,     ///< the container whose namespaces it joins does not run
  Hook,      ///< the postStart hook of another container runs
  RestartAll,  ///< all containers are being ended, so that all start anew
};
WaitingReason waiting_reason(const LifecycleSpec& spec, const PodStatus& status, std::size_t index, BootTime now);

/// The last that can be said of a pod whose processes were killed and its pause, which knew how they ended, with them:
/// at `now`, or 0 if nobody knows when. As the kubelet, which says the same of containers that it cannot find any more.
PodStatus lost(PodStatus status, BootTime now);

/// As the kubelet's getPhase. A pod that has exceeded its deadline is Failed once its containers have ended, whatever
/// their exit codes. A container in back-off has run and will run again, so a crash-looping pod is Running. One whose
/// postStart hook has not succeeded is not running yet. A pod whose containers all start anew is Pending from the moment
/// when they are killed. The restart policy is no parameter: it has decided which containers are final. How a sidecar
/// ended does not count. `roles`: of each container; empty: all are App.
Phase phase(const PodStatus& status, std::span<const ContainerRole> roles = {});

/// Whether each app container has been started once, its postStart hook included, or the first attempt of any container
/// has failed, or the pod ends before: what `-d` waits for. `roles`: as of phase().
bool started(const PodStatus& status, std::span<const ContainerRole> roles = {});
/// Whether the first attempt to start that container has failed: its exec, its postStart hook, the startup probe of a
/// sidecar, or an init container's own exit code.
bool has_failed_at_first(const ContainerStatus& status, ContainerRole role);

/// Whether nothing of the pod was ever launched: an error of a supervisor's start then ends the pod. Otherwise another
/// supervisor has to try again.
bool nothing_was_launched(const PodStatus& status);

/// How many of the stop requests that the pause has received until an adoption were handled before it. A stop that a
/// former supervisor has begun does not count again, as a second request kills; one after it does.
int stops_before_adoption(const PodStatus& status, int received);

/// Why a pod has ended, if not because its containers did: Kubernetes' `status.reason` and `status.message`.
struct EndReason {
  std::string_view reason;
  std::string_view message;
};
/// Empty while containers may still run.
EndReason end_reason(const PodStatus& status);

/// Whether no container will run again: the pod's end.
bool ended(const PodStatus& status);

}  // namespace podrun::supervisor
