// The lifecycle of one container as a table: (state, event) → (state, actions). Pure: no clock, no I/O.
//
//   Waiting ─start→ Starting ─exec_ok→ Running ─exited→ Backoff ─timer→ Starting …
//                       │                 │  └────────→ Completed | Failed   (as restartPolicy says)
//                       │ exec_failed     └─stop→ Stopping ─timer→ Killing ─exited→ Completed | Failed
//                       └→ handled as exit 128 (StartError) of that instance
//
// The caller must store `next` as the status, perform the actions in order, note that each is done, and only then pass
// the next event. ExecOk or ExecFailed of an instance must come before its Exited. If a launch fails before a process
// exists, the events are ExecFailed and then Exited{128}.
//
// Beside an instance that runs are three small machines, whose stages are in the status, too:
//
//   postStart  None ─exec→ Running ─ended→ Succeeded: then the probes  | Failed: the container is ended and restarted
//   preStop    None ─stop→ Running ─ended→ Succeeded | Failed: then the stop signal, at the latest after the grace
//   probes     startup ─succeeds→ is_started ─→ liveness (failure: the container is ended) and readiness (→ ready)
//
// The table decides nothing that depends on another container. A container whose next instance is due is in Backoff with
// a time that has passed; the pod's decisions (pod_lifecycle.hpp) deliver its Timer when the container may start.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/policies.hpp"
#include "pod/spec/probes.hpp"
#include "supervisor/lifecycle/backoff.hpp"
#include "supervisor/lifecycle/container_events.hpp"
#include "supervisor/lifecycle/timers.hpp"

namespace podrun::supervisor {

/// The state of a container.
enum class ContainerState : std::uint8_t {
  Waiting,    ///< never started
  Starting,   ///< its process exists; the exec has neither succeeded nor failed
  Running,    ///< its program runs
  Stopping,   ///< asked to end, by SIGTERM; the grace period runs
  Killing,    ///< killed; the exit has not been reported
  Backoff,    ///< ended; the next instance waits for its time (CrashLoopBackOff)
  Completed,  ///< ended with 0 and not restarted
  Failed,     ///< ended with another code and not restarted
};
/// The number of states.
inline constexpr std::size_t container_states = 8;
/// The name of a state, e.g. "Running".
std::string_view to_string(ContainerState state);

/// How far a hook of the present instance has come.
enum class HookStage : std::uint8_t {
  None,     ///< there is no hook, or it is not its time yet
  Running,  ///< that it begins is on record before it does
  Succeeded,
  Failed,
};

/// The number of kinds of hooks.
inline constexpr std::size_t hook_kinds = 2;

/// One value for each enumerator of `Kind`.
template <typename Kind, typename Value, std::size_t Size>
struct ByKind {
  std::array<Value, Size> values{};

  Value& operator[](Kind kind) { return values[static_cast<std::size_t>(kind)]; }
  const Value& operator[](Kind kind) const { return values[static_cast<std::size_t>(kind)]; }
  bool operator==(const ByKind&) const = default;
};

/// The end of one instance: Kubernetes' `state.terminated`.
struct Termination {
  int exit_code = 0;    ///< 0–255; 128+N for signal N; 128 if the program never ran
  std::string reason;   ///< Completed, Error, OOMKilled, StartError, RestartingAllContainers, ContainerStatusUnknown
  std::string message;  ///< for StartError: step and error; else the container's termination message
  std::string cause;    ///< why podrun ended it, e.g. "liveness probe failed: HTTP 503"; empty: it ended by itself
  BootTime started{0};
  BootTime finished{0};

  bool operator==(const Termination&) const = default;
};

/// The status of a container: all that the table reads and changes. It is part of the state file.
struct ContainerStatus {
  ContainerState state = ContainerState::Waiting;
  int instance = -1;                 ///< number of the present or last instance, from 0; -1 before the first
  int restart_count = 0;             ///< Kubernetes' restartCount: max(instance, 0)
  Timers timers;                     ///< Backoff, and Grace while it is being stopped
  bool stop_requested = false;       ///< the pod stops: the container is not restarted
  bool signalled = false;            ///< SIGTERM was sent to the present instance
  Backoff backoff;
  BootTime started{0};                 ///< time of the present instance's exec; 0: not yet
  bool ever_started = false;           ///< an exec of the container has succeeded at least once
  bool was_started = false;            ///< is_started has held since the container was to be started first
  bool first_attempt_settled = false;  ///< the first exec and its postStart hook have succeeded or failed, or will not
  bool first_attempt_failed = false;   ///< they have failed
  std::optional<Termination> last;     ///< the end of the last instance: Kubernetes' lastState
  std::optional<Termination> pending_start_error;  ///< set by ExecFailed until Exited comes
  bool never_ran = false;  ///< the program of `instance` never ran: the next launch has the same number
  bool unhealthy = false;  ///< stopped because of its health: a failure, whatever its exit code
  std::string cause;       ///< Termination::cause of the present instance
  bool awaits_turn = false;   ///< it is being stopped; its stop signal waits for the containers that a sidecar serves
  bool restarting = false;    ///< killed, so that it starts anew with all containers of the pod
  bool restarts_all = false;  ///< its exit restarts all containers: the pod's decisions do so at once
  bool is_started = false;  ///< Kubernetes' `started`: it runs, its postStart and its startup probe have succeeded
  bool ready = false;       ///< Kubernetes' `ready`: is_started, and its readiness probe succeeds
  HookStage post_start = HookStage::None;
  HookStage pre_stop = HookStage::None;
  ByKind<pod::HookKind, bool, hook_kinds> hook_begun{};  ///< RunHook was performed for the present instance
  bool signalling = false;  ///< the stop signal is among the actions that follow. Not in the state file
  bool ownerless = false;  ///< launched although its owner has ended for good: fails by itself. Not in the state file
  bool ending = false;     ///< the kernel ends its first process; the exit has not come. Not in the state file
  ByKind<pod::ProbeKind, bool, pod::probe_kinds> probing{};  ///< StartProbe and no StopProbe. Not in the state file

  bool operator==(const ContainerStatus&) const = default;
};

/// What the decisions need to know of a probe.
struct ProbePolicy {
  std::optional<std::chrono::nanoseconds> grace;  ///< its terminationGracePeriodSeconds; empty: ContainerPolicy::grace
};
/// What the decisions need to know of a hook.
struct HookPolicy {
  std::optional<std::chrono::nanoseconds> sleep;  ///< how long it sleeps; empty: action::RunHook runs it
};
/// The parameters of the table.
struct ContainerPolicy {
  pod::RestartPolicy restart = pod::RestartPolicy::Always;
  std::vector<pod::RestartRule> rules;  ///< the first one that matches an exit code holds before `restart`
  bool succeeds_once = false;  ///< a regular init container: after a success it runs again only with all others
  BackoffPolicy backoff;
  ByKind<pod::ProbeKind, std::optional<ProbePolicy>, pod::probe_kinds> probes{};  ///< those that there are
  ByKind<pod::HookKind, std::optional<HookPolicy>, hook_kinds> hooks{};           ///< likewise
  std::chrono::nanoseconds grace = std::chrono::seconds(30);                      ///< the pod's
};

/// The kind of a cell of the table.
enum class TableCell : std::uint8_t {
  Acts,          ///< the event changes the status or causes actions
  Ignored,       ///< ignored on purpose: the event is late or has no effect
  CannotHappen,  ///< a bug in the caller; the state is kept and there are no actions
};

/// The result of an event.
struct Transition {
  TableCell cell = TableCell::Acts;
  ContainerStatus next;
  std::vector<Action> actions;
};

/// Applies an event to a status, then starts and ends probes as the status says. `now` is CLOCK_BOOTTIME.
Transition step(const ContainerPolicy& policy, const ContainerStatus& status, const Event& event,
                BootTime now);

/// Notes in the status what an action of the container has done.
void note_done(ContainerStatus& status, const Action& action);

/// The status after the launch of the instance of that number.
ContainerStatus launched(ContainerStatus status, int instance);

/// Whether the container has ended and will not be started again.
bool is_final(ContainerState state);
/// Whether a process of the container exists or may exist.
bool is_alive(ContainerState state);

}  // namespace podrun::supervisor
