// The messages between pause and supervisor, over a SOCK_SEQPACKET pair: they have a fixed size, and descriptors go
// beside them (SCM_RIGHTS). Both programs include this header; it uses libc alone.
//
//   supervisor                               pause
//      │ Step(kind, value, name) ───────────▶ │  sandbox steps, in the plan's order
//      │ ◀──────── Stepped(errno) [+ cells]   │  one answer for each; the pause counts how many were done
//      │ Register(name, instance, pid) [fds]▶ │  then the supervisor opens the child's gate; again: other descriptors
//      │ Hold(name) [fds] ──────────────────▶ │  keeps descriptors longer than the supervisor lives
//      │ Release(name) ─────────────────────▶ │  closes them
//      │ Signal(pid, signal) ───────────────▶ │  sends it to the registered child, and records that it did
//      │ Reap(pid) ─────────────────────────▶ │  the exit is on record: waitid(2), drop the registration
//      │ List ──────────────────────────────▶ │
//      │ ◀─── Item…, End(steps done, stops)   │  what a later supervisor adopts
//      │ Adopted(timeout) ──────────────────▶ │  from now on another supervisor is started at once if this one dies
//      │ ◀──────────────────── Stop(count)    │  INT, TERM or HUP came; count is the number of them so far
//      │ ◀───────── UnregisteredChild(pid)    │  an unregistered child has ended: Reap(pid) unless Register comes next
//      │ ◀────────────────────────────── Ask  │  there is work to do; a supervisor that does not answer is killed
//      │ Answer ────────────────────────────▶ │
//      │ Leaving ───────────────────────────▶ │  the supervisor only cleans up, however long: it is not asked any more
//      │ Quit(code) ────────────────────────▶ │  exits: the end of the pod
//
// The pause reads everything that a dead supervisor had sent before it acts on the death.
#pragma once

#include <stdint.h>

namespace podrun::pause {

/// The version of the protocol; it grows when the meaning of a message changes. A pause lives as long as its pod, so
/// after an upgrade of the package an older pause meets a newer supervisor: each End carries the version of the pause.
inline constexpr uint32_t protocol_version = 3;
/// The first version in which the pause sends signals and reports unregistered children.
inline constexpr uint32_t version_with_signals = 3;

/// The descriptor that carries the protocol, on both sides, across exec.
inline constexpr int socket_fd = 3;
/// The pause's descriptor of the pod's lock file, on which it holds a flock(2) for its life.
inline constexpr int lock_fd = 4;

/// The pause's descriptor of the pod's /c beneath its cover. A process that enters without a supervisor uses it by
/// /proc/PID/fd/5.
inline constexpr int cells_fd = 5;

/// How many registrations and holds a pause has room for, as it has no heap, and how many descriptors in each.
inline constexpr unsigned max_items = 256;
inline constexpr unsigned max_descriptors = 12;

/// The kinds of messages: those of the supervisor, and from 101 on those of the pause.
enum class Op : uint32_t {
  Step = 1,
  Register,
  Hold,
  Release,
  List,
  Reap,
  Adopted,
  Quit,
  Answer,
  Leaving,
  Signal,
  Stepped = 101,
  Item,
  End,
  Stop,
  Ask,
  UnregisteredChild,
};

/// The sandbox steps as numbers; `value` and `name` carry their arguments.
enum class SandboxOp : int32_t {
  Unshare = 1,   ///< value: CLONE_NEW… flags
  Root,          ///< answered with the descriptor of /c, O_PATH
  SharedMemory,  ///< value: bytes
  Loopback,
  Hostname,      ///< name
  Sysctl,        ///< name: PATH=VALUE; with the host's /proc/sys
  Init,          ///< value: CLONE_NEW… flags; with the pod's control group; answered with the init's pidfd
};

/// One message.
struct Message {
  Op op;
  int32_t a = 0;  ///< Step: SandboxOp · Register, Signal, Reap, Item, UnregisteredChild: pid (0: a Hold) · Stepped:
                  ///< errno · End: steps done · Stop: count · Adopted: milliseconds in which it answers (0: it is never
                  ///< asked) · Quit: code
  int32_t b = 0;  ///< Register, Item: instance · Signal: its number · End: stops so far · Stepped: its nanoseconds
  uint32_t version = protocol_version;
  int64_t value = 0;  ///< Step: its argument · Item: the last Signal that was sent to it, 0: none
                      ///< · End: how the supervisor before this one ended (PreviousExit)
                      ///< · Stepped: CLOCK_BOOTTIME at its end, in nanoseconds
  char name[80] = {};
};

/// How the supervisor before this one ended: a wait(2) status, and these flags. 0: there was none.
enum PreviousExit : int64_t {
  previous_status = 0xffff,
  previous_existed = 1 << 16,  ///< there was one
  previous_hung = 1 << 17,     ///< it did not answer, and was killed
};

/// The name under which the pause holds the running program, which is used when its path is gone.
inline constexpr char program_hold[] = "program";
/// The name under which the pause holds its own descriptor of the pod's /c.
inline constexpr char cells_hold[] = "cells";
/// The name under which it holds the pidfd of the pod's init.
inline constexpr char init_hold[] = "init";

}  // namespace podrun::pause
