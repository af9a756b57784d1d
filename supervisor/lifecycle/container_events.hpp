// What happens to a container, and what its lifecycle has done about it (container_lifecycle.hpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

#include "pod/spec/probes.hpp"
#include "supervisor/lifecycle/timers.hpp"

namespace podrun::supervisor {

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
  bool oom_killed = false;   ///< the kernel killed a process of it for want of memory: the reason is OOMKilled
  bool is_lost = false;      ///< nobody knows how it ended: the reason is ContainerStatusUnknown
};
/// The instance ended at its gate, which no supervisor opened: its program never ran.
struct NeverRan {};
/// The pod stops, or it does so earlier, or the container's turn has come. `grace` is the time from now until the kill,
/// but at least minimum_grace remains after the stop signal; zero kills at once.
struct Stop {
  std::chrono::nanoseconds grace;
  bool awaits_turn = false;  ///< the stop signal has to wait for other containers, the preStop hook has not
  std::string cause = "";    ///< Termination::cause, if there is none yet
};
/// A probe of the present instance has another verdict than before: so many results in a row as its threshold says. A
/// failure of the startup or liveness probe ends the container; it has failed then, whatever its exit code.
struct ProbeResult {
  int instance;  ///< of another instance: ignored
  pod::ProbeKind kind;
  bool succeeded;
  std::string message = "";  ///< the last result in words, e.g. "HTTP 503"
  std::string output = "";   ///< of a command: the end of what it has printed, at most 4 KiB
  bool is_unknown = false;   ///< no verdict: attempts cannot be made, and change nothing. The message says why
};
/// A hook of the present instance has ended. That of action::RunHook.
struct HookEnded {
  int instance;  ///< of another instance: ignored
  pod::HookKind kind;
  bool succeeded;
  std::string message = "";  ///< why it failed
  std::string output = "";   ///< of a command: the end of what it has printed, at most 4 KiB
};
/// All containers of the pod are started anew (restartPolicyRules): this one is killed, with no hook and no grace.
struct RestartAll {};
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
                           event::Stop, event::OwnerEnded, event::RestartAll, event::ProbeResult, event::HookEnded,
                           event::Timer>;
/// The number of columns of the table.
inline constexpr std::size_t table_columns = std::variant_size_v<Event> - 1 + container_timers;

/// The exit code of SIGKILL, used for an exit whose status is not known.
inline constexpr int lost_exit_code = 137;

/// As the kubelet counts whole seconds: with less time left than that, no preStop hook begins.
inline constexpr std::chrono::nanoseconds minimum_hook_time = std::chrono::seconds(1);
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
/// Runs a hook of the present instance, which is not a sleep: event::HookEnded follows. That it begins is on record. A
/// Record follows: that it was begun goes on record after it was, and before its command leaves the register.
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
/// The pod's start is settled (started()): tell whoever waits for it, which is the caller of -d, and systemd if
/// `podrun.io/systemd-ready: started`. Told once by each supervisor.
struct Started {};
/// The condition Ready holds: for systemd. Told once by each supervisor, when it holds first. That it changes later is
/// in PodStatus::conditions, before and after an event.
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
                            action::StartProbe, action::StopProbe, action::Reap, action::Arm, action::Started,
                            action::Ready, action::Abort, action::Finish>;

}  // namespace podrun::supervisor
