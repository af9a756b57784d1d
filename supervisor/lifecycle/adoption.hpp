// What a new supervisor does for a container, from the state file and the pause's register. Pure.
//
// A supervisor may die between any two actions of its last step. What it has asked the pause for is done all the same,
// before there is another. What it left is told apart like this:
//
//   file           register                    it died              so
//   n is alive     n                           between two steps    hear what n has said meanwhile
//   n              n+1                         after the launch     n+1 is the present instance
//   n has ended    n                           before Reap          reap n: its exit is on record
//   n is Starting  nothing, or n at the gate   before it opened     launch n: it never ran
//   n is Stopping  n, not sent TERM            before Terminate     send it
//   n is Stopping  n, sent TERM                after it             wait for its end, or the deadline
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "supervisor/lifecycle/container_lifecycle.hpp"

namespace podrun::supervisor {

/// What the pause's register says of a container's child.
struct Registered {
  /// How far the child has come, as its error socket tells without being emptied.
  enum class Exec : std::uint8_t {
    Pending,    ///< it has neither exec'd nor failed
    Succeeded,  ///< end of file
    Failed,     ///< a step's report
    AtGate,     ///< the gate's report: nobody opened it, so the program never ran
  };

  int instance = 0;
  Exec exec = Exec::Pending;
  std::string start_error;       ///< for Failed: the step and errno, in words
  std::optional<int> exit_code;  ///< of a zombie; empty: it lives
  std::string message = "";      ///< what a zombie had to say
  bool terminated = false;       ///< it was sent TERM
};

/// A container's status brought up to date, and what is to be done for it.
struct Adopted {
  ContainerStatus next;
  std::vector<Action> actions;
};

/// Brings `status`, read from the state file, in line with the register. What the last supervisor may not have done is
/// done, or done again: KILL, Reap; TERM only if the register does not have it as sent. Timers keep their deadlines and
/// get a new generation. A Waiting container is left to PodStart. Also to be asked when an adopted child reports the
/// closed gate only later, once it has exited.
Adopted reconcile(const ContainerPolicy& policy, const ContainerStatus& status,
                  const std::optional<Registered>& registered, BootTime now);

}  // namespace podrun::supervisor
