// One container's life as a table: state × event → state, actions. Pure: no clock, no I/O.
//
//   Waiting ─start→ Starting ─exec_ok→ Running ─exited→ Backoff ─timer→ Starting …
//                       │                 │  └────────→ Completed | Failed   (as restartPolicy says)
//                       │ exec_failed     └─stop→ Stopping ─timer→ Killing ─exited→ Completed | Failed
//                       └→ the exit 128 (StartError) of that instance
//
// The caller's part: make `next` its status, perform the actions in their order, and only then bring the next
// event. An instance's ExecOk or ExecFailed comes before its Exited. A launch that fails before there is a
// process is ExecFailed, then Exited{128}.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pod/spec/spec.hpp"
#include "supervisor/lifecycle/backoff.hpp"

namespace podrun::supervisor {

/// Where a container is in its life.
enum class ContainerState : std::uint8_t {
  Waiting,    ///< never started
  Starting,   ///< cloned; its exec has neither succeeded nor failed
  Running,    ///< its program runs
  Stopping,   ///< asked to end (TERM), within its grace period
  Killing,    ///< killed, its exit not yet seen
  Backoff,    ///< ended; another instance is due (CrashLoopBackOff while it waits)
  Completed,  ///< ended with 0, for good
  Failed,     ///< ended with another code, for good
};
inline constexpr std::size_t container_states = 8;
std::string_view to_string(ContainerState state);

/// How one instance ended: Kubernetes' `state.terminated`.
struct Termination {
  int exit_code = 0;    ///< 0–255; 128+N when signal N ended it; 128 when it never ran
  std::string reason;   ///< Completed, Error, StartError
  std::string message;  ///< for StartError: the step and errno; else what the container had to say
  BootTime started{0};
  BootTime finished{0};

  bool operator==(const Termination&) const = default;
};

/// Everything the table needs to know of a container, and everything it changes. Lies in the state file.
struct ContainerStatus {
  ContainerState state = ContainerState::Waiting;
  int instance = -1;                 ///< of the present or last instance, from 0; -1 before the first
  int restart_count = 0;             ///< Kubernetes' restartCount: max(instance, 0)
  std::uint64_t generation = 0;      ///< the timer armed last; an older one's event is stale
  std::optional<BootTime> deadline;  ///< when that timer is due; empty: none is armed
  bool stop_requested = false;       ///< the pod stops: what ends now is not restarted
  Backoff backoff;
  BootTime started{0};                 ///< of the present instance's exec; 0: not yet
  bool ever_started = false;           ///< an exec of its has succeeded
  bool first_attempt_settled = false;  ///< its first exec has succeeded or failed, or will never come
  std::optional<Termination> last;     ///< of the last instance that ended: Kubernetes' lastState
  std::optional<Termination> pending_start_error;  ///< exec_failed came; the exit has not

  bool operator==(const ContainerStatus&) const = default;
};

// ---- events ----

namespace event {
struct Start {};
struct ExecOk {};
/// A step failed before, or at, the exec.
struct ExecFailed {
  std::string message;
};
struct Exited {
  int exit_code;             ///< 128+N for signal N
  std::string message = "";  ///< the container's own, terminationMessagePath
};
struct Timer {
  std::uint64_t generation;  ///< of the Arm it answers; an older one is ignored
};
/// The pod stops; `grace` from now until the kill, at least minimum_grace. Zero kills at once.
struct Stop {
  std::chrono::nanoseconds grace;
};
/// A probe failed for good; the container is stopped, then restarted whatever its exit code (except under
/// Never).
struct Unhealthy {
  std::chrono::nanoseconds grace;
};
}  // namespace event
/// In the order of the table's columns.
using Event = std::variant<event::Start, event::ExecOk, event::ExecFailed, event::Exited, event::Timer,
                           event::Stop, event::Unhealthy>;
inline constexpr std::size_t container_events = std::variant_size_v<Event>;

/// The shortest time between TERM and KILL, as the kubelet has it.
inline constexpr std::chrono::nanoseconds minimum_grace = std::chrono::seconds(2);

// ---- actions, performed in order ----

namespace action {
/// Start an instance of that number.
struct Launch {
  int instance;
};
/// SIGTERM to the container's first process.
struct Terminate {};
/// SIGKILL to everything in the container's cgroup. May come again.
struct Kill {};
/// Write the state file: from here on the exit is on record.
struct Record {};
/// Let the pause reap the process: its exit is on record, or its program never ran. May find nothing to reap.
struct Reap {};
/// Deliver Timer{generation} at `due`, or at once if that is past. A container has one timer: this one.
struct Arm {
  BootTime due;
  std::uint64_t generation;
};
}  // namespace action
using Action =
    std::variant<action::Launch, action::Terminate, action::Kill, action::Record, action::Reap, action::Arm>;

/// What a container's table is parametrised with.
struct ContainerPolicy {
  pod::RestartPolicy restart = pod::RestartPolicy::Always;
  BackoffPolicy backoff;
};

/// How a cell of the table is meant.
enum class TableCell : std::uint8_t {
  Acts,          ///< the event changes the status or causes actions
  Ignored,       ///< on purpose: it came late, or says nothing new
  CannotHappen,  ///< a bug in the caller; the state stays and nothing is done
};

/// What an event did.
struct Transition {
  TableCell cell = TableCell::Acts;
  ContainerStatus next;
  std::vector<Action> actions;
};

/// One cell of the table. `now` is CLOCK_BOOTTIME.
Transition step(const ContainerPolicy& policy, const ContainerStatus& status, const Event& event,
                BootTime now);

/// What a container's status is once an instance of that number is launched.
ContainerStatus launched(ContainerStatus status, int instance);

/// Whether nothing will happen to the container any more.
bool is_final(ContainerState state);
/// Whether one of its processes exists (or may).
bool is_alive(ContainerState state);

}  // namespace podrun::supervisor
