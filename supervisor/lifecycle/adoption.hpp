// What a new supervisor has to do for a container, decided from the state file and the pause's register. Pure.
//
// A supervisor may die between any two actions of a step. What it has requested from the pause is completed before the
// next supervisor starts. The cases:
//
//   state file     register                    the old supervisor died   the new one
//   n is alive     n                           between two steps         applies the events of n since then
//   n              n+1                         after the launch          takes n+1 as the present instance
//   n has ended    n                           before Reap               reaps n: its exit is recorded
//   n is Starting  nothing, or n at the gate   before it opened the gate starts n when it may: its program never ran
//   n is Stopping  n, not sent TERM            before Terminate          sends TERM
//   n is Stopping  n, sent TERM                after Terminate           records that, waits for the exit or the timer
//   a hook runs    its command                 while it ran              waits for its end
//   a hook is due  no command                  before RunHook            runs it
//   a hook runs    no command                  at its end                takes it as failed: it runs once
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "supervisor/lifecycle/container_lifecycle.hpp"

namespace podrun::supervisor {

/// What the pause's register and the kernel know of a container's child.
struct Registered {
  /// The progress of the child, as its report socket shows it; reading does not empty the socket.
  enum class Exec : std::uint8_t {
    Pending,    ///< it has neither exec'd nor failed
    Succeeded,  ///< end of file: the exec has succeeded
    Failed,     ///< the report of a step that failed
    AtGate,     ///< the report of the gate: no supervisor opened it, so the program never ran
  };

  /// What is known of the command of a hook.
  enum class Hook : std::uint8_t {
    Missing,  ///< it is not in the register: it was never started, or it has ended and that was not recorded
    Found,    ///< it is in the register, or its end is an event that follows
  };

  int instance = 0;
  Exec exec = Exec::Pending;
  std::string start_error;       ///< for Failed: step and error as text
  std::optional<int> exit_code;  ///< of a child that has exited; empty: it is alive
  std::string message = "";      ///< its termination message, if it has exited
  bool terminated = false;       ///< SIGTERM was sent to it
  bool oom_killed = false;       ///< event::Exited::oom_killed
  ByKind<pod::HookKind, Hook, hook_kinds> hooks{};
};

/// The updated status of a container, and the actions that are due.
struct Adopted {
  ContainerStatus next;
  std::vector<Action> actions;
};

/// Brings `status`, as read from the state file, in line with the register. Actions that the last supervisor may not
/// have performed are performed, possibly for the second time: Kill and Reap always, Terminate only if the register
/// does not say that it was sent. Probes begin anew. Timers keep their times and get a new generation. The pod's
/// decisions start what is due.
Adopted reconcile(const ContainerPolicy& policy, const ContainerStatus& status,
                  const std::optional<Registered>& registered, BootTime now);

}  // namespace podrun::supervisor
