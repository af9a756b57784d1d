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
// The table decides nothing that depends on another container. A container whose next instance is due is in Backoff with
// a time that has passed; the pod's decisions (pod_lifecycle.hpp) deliver its Timer when the container may start.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pod/spec/policies.hpp"
#include "pod/spec/probes.hpp"
#include "supervisor/lifecycle/backoff.hpp"
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

/// The end of one instance: Kubernetes' `state.terminated`.
struct Termination {
  int exit_code = 0;    ///< 0–255; 128+N for signal N; 128 if the program never ran
  std::string reason;   ///< Completed, Error, StartError
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
  bool first_attempt_settled = false;  ///< the first exec has succeeded or failed, or will not happen
  std::optional<Termination> last;     ///< the end of the last instance: Kubernetes' lastState
  std::optional<Termination> pending_start_error;  ///< set by ExecFailed until Exited comes
  bool never_ran = false;  ///< the program of `instance` never ran: the next launch has the same number
  bool unhealthy = false;  ///< stopped because of its health: a failure, whatever its exit code
  std::string cause;       ///< Termination::cause of the present instance
  bool is_started = false;  ///< Kubernetes' `started`: it runs, its postStart and its startup probe have succeeded
  bool ready = false;       ///< Kubernetes' `ready`: is_started, and its readiness probe succeeds
  HookStage post_start = HookStage::None;
  HookStage pre_stop = HookStage::None;
  bool ownerless = false;  ///< launched although its owner has ended for good: fails by itself. Not in the state file
  bool ending = false;     ///< the kernel ends its first process; the exit has not come. Not in the state file

  bool operator==(const ContainerStatus&) const = default;
};

// ---- events ----

namespace event {
/// The container is to be started for the first time.
struct Start {};
/// The exec of the container's program has succeeded.
struct ExecOk {};
/// A step failed before or at the exec.
struct ExecFailed {
  std::string message;
  bool is_own_step = false;  ///< a step of podrun's own, not the exec of the user's program
};
/// The first process of the container has exited.
struct Exited {
  int exit_code;             ///< 128+N for signal N
  std::string message = "";  ///< the container's message: terminationMessagePath
};
/// The instance ended at its gate, which no supervisor opened: its program never ran.
struct NeverRan {};
/// The pod stops. `grace` is the time from now until the kill, at least minimum_grace; zero kills at once.
struct Stop {
  std::chrono::nanoseconds grace;
};
/// A probe of the present instance has another verdict than before: so many results in a row as its threshold says.
struct ProbeResult {
  int instance;  ///< of another instance: ignored
  pod::ProbeKind kind;
  bool succeeded;
  std::string message = "";  ///< the last result in words, e.g. "HTTP 503"
};
/// A hook of the present instance has ended. That of action::RunHook.
struct HookEnded {
  int instance;  ///< of another instance: ignored
  pod::HookKind kind;
  bool succeeded;
  std::string message = "";  ///< why it failed, and the end of its output
};
/// A probe has failed `failureThreshold` times. The container is stopped and restarted, whatever its exit code (except
/// under Never).
struct Unhealthy {
  std::chrono::nanoseconds grace;
};
/// The container whose mounts or PID namespace this one has joined has ended: it is killed, too.
struct OwnerEnded {};
/// A timer has expired.
struct Timer {
  TimerName name;
  std::uint64_t generation;  ///< that of the Arm action; a firing of an older one is ignored
};
}  // namespace event
/// In the order of the columns of the table. The last one, Timer, has a column for each timer of a container.
using Event = std::variant<event::Start, event::ExecOk, event::ExecFailed, event::Exited, event::NeverRan,
                           event::Stop, event::Unhealthy, event::OwnerEnded, event::ProbeResult, event::HookEnded,
                           event::Timer>;
/// The number of columns of the table.
inline constexpr std::size_t table_columns = std::variant_size_v<Event> - 1 + container_timers;

/// The exit code of SIGKILL, used for an exit whose status is not known.
inline constexpr int lost_exit_code = 137;

/// The shortest time between SIGTERM and SIGKILL: the kubelet's minimumGracePeriodInSeconds.
inline constexpr std::chrono::nanoseconds minimum_grace = std::chrono::seconds(2);
/// The longest grace period: longer than any pod runs, and short enough not to overflow when added to a time since boot.
inline constexpr std::chrono::nanoseconds longest_grace = std::chrono::hours(24 * 365 * 100);

// ---- actions, to be performed in order; note_done() follows each ----

namespace action {
/// Starts the instance of that number.
struct Launch {
  int instance;
};
/// Sends SIGTERM to the first process of the container. A Record follows: that it was sent goes on record after it was.
struct Terminate {};
/// Sends SIGKILL to every process in the container's cgroup. May be repeated.
struct Kill {};
/// Writes the state file. After that an exit is recorded.
struct Record {};
/// Runs a hook of the present instance, which is not a sleep: event::HookEnded follows. That it begins is on record.
struct RunHook {
  pod::HookKind kind;
};
/// Begins to probe the present instance: event::ProbeResult follows, each time that the verdict changes.
struct StartProbe {
  pod::ProbeKind kind;
};
/// Ends that.
struct StopProbe {
  pod::ProbeKind kind;
};
/// Has the pause reap the process: its exit is recorded, or its program never ran. There may be no process.
struct Reap {};
/// Arms the timer of that name, of the container or of the pod: delivers its event with the name and the generation at
/// `due`, or at once if that is past. The one of that name that was armed before need not fire any more.
struct Arm {
  TimerName name;
  BootTime due;
  std::uint64_t generation;
};
// The pod's own; no container's table causes them.
/// Every container's first exec is settled: tell whoever waits for the pod's start.
struct Ready {};
/// A step of podrun's own failed at a first start: the pod ends at once, and its caller is told why.
struct Abort {
  std::string message;
};
/// No container will run again.
struct Finish {
  bool succeeded;  ///< the exit status: 0, else 1
};
}  // namespace action
/// An action of the caller.
using Action = std::variant<action::Launch, action::Terminate, action::Kill, action::Record, action::RunHook,
                            action::StartProbe, action::StopProbe, action::Reap, action::Arm, action::Ready,
                            action::Abort, action::Finish>;

/// The parameters of the table.
struct ContainerPolicy {
  pod::RestartPolicy restart = pod::RestartPolicy::Always;
  std::vector<pod::RestartRule> rules;  ///< the first one that matches an exit code holds before `restart`
  BackoffPolicy backoff;
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

/// Applies an event to a status. `now` is CLOCK_BOOTTIME.
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
