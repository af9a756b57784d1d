// What pause and supervisor say to each other, over a SOCK_SEQPACKET pair: fixed-size messages, descriptors beside
// them (SCM_RIGHTS). Both programs include this header; it uses libc alone.
//
//   supervisor                               pause
//      │ Step(kind, value, name) ───────────▶ │  sandbox steps, in the plan's order
//      │ ◀──────── Stepped(errno) [+ cells]   │  each answered; the pause remembers how many were done
//      │ Register(name, instance, pid) [fds]▶ │  then the supervisor opens the child's gate; once more: other
//      descriptors │ Hold(name) [fds] ──────────────────▶ │  keeps descriptors beyond the supervisor's life │
//      Signal(pid, signal) ───────────────▶ │  sends it to the registered child, and remembers that it did │ Reap(pid)
//      ─────────────────────────▶ │  the exit is on record: waitid(2), drop the registration │ List
//      ──────────────────────────────▶ │ │ ◀─── Item…, End(steps done, stops)   │  what a later supervisor adopts │
//      Adopted(timeout) ─────────────────▶ │  from here on its death is followed by another at once │
//      ◀──────────────────── Stop(count)    │  INT, TERM or HUP came; count says how many in all │ ◀─────────
//      UnregisteredChild(pid)    │  an unregistered child has ended: Reap(pid), unless its Register is on the way │
//      ◀──────────────────────────────── Ask│  there is something to do; who does not answer is killed │ Answer
//      ────────────────────────────▶ │ │ Leaving ───────────────────────────▶ │  it cleans up, for as long as that
//      takes: is asked no more │ Quit(code) ────────────────────────▶ │  exits: the end of the pod
//
// The pause reads everything a dead supervisor had sent before it acts on the death.
#pragma once

#include <stdint.h>

namespace podrun::pause {

/// Grows when a message changes its meaning. A pause lives as long as its pod, so that after an upgrade of the
/// package an older one meets a newer supervisor: each End carries the pause's version.
inline constexpr uint32_t protocol_version = 3;
/// Since this one the pause sends signals, and tells of unregistered children.
inline constexpr uint32_t version_with_signals = 3;

/// The descriptor that carries the protocol, on both sides, across exec.
inline constexpr int socket_fd = 3;
/// The pause's descriptor of the pod's lock file; flock(2) held for its life.
inline constexpr int lock_fd = 4;

/// The pause's descriptor of the pod's /c beneath its cover: /proc/PID/fd/5 for who enters without a supervisor.
inline constexpr int cells_fd = 5;

/// How many registrations and holds a pause has room for (it has no heap), and descriptors in each.
inline constexpr unsigned max_items = 256;
inline constexpr unsigned max_descriptors = 12;

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

/// The sandbox steps as numbers; `value` and `name` carry their argument.
enum class SandboxOp : int32_t {
  Unshare = 1,   ///< value: CLONE_NEW… flags
  Root,          ///< answered with the descriptor of /c, O_PATH
  SharedMemory,  ///< value: bytes
  Loopback,
  Hostname,      ///< name
  Sysctl,        ///< name: PATH=VALUE; with the host's /proc/sys
  Init,          ///< value: CLONE_NEW… flags; with the pod's control group; answered with the init's pidfd
};

struct Message {
  Op op;
  int32_t a = 0;  ///< Step: SandboxOp · Register, Signal, Reap, Item, UnregisteredChild: pid (0: a Hold) · Stepped:
                  ///< errno · End: steps done · Stop: count · Adopted: milliseconds it may take to answer (0: is never
                  ///< asked) · Quit: code
  int32_t b = 0;  ///< Register, Item: instance · Signal: its number · End: stops so far · Stepped: nanoseconds it took
  uint32_t version = protocol_version;
  int64_t value = 0;  ///< Step: its argument · Item: the last Signal that it was sent, 0: none
                      ///< · End: how the supervisor before this one ended (PreviousExit)
                      ///< · Stepped: CLOCK_BOOTTIME at its end, in nanoseconds
  char name[80] = {};
};

/// How the supervisor before this one ended: a wait(2) status, and these. 0: there was none.
enum PreviousExit : int64_t {
  previous_status = 0xffff,
  previous_existed = 1 << 16,   ///< there was one
  previous_hung = 1 << 17,  ///< it did not answer, and was killed
};

/// The name under which the pause holds the running program, for when the path to it has gone.
inline constexpr char program_hold[] = "program";
/// The name under which the pause keeps its own descriptor of the pod's /c.
inline constexpr char cells_hold[] = "cells";
/// The name under which it keeps the pidfd of the pod's init.
inline constexpr char init_hold[] = "init";

}  // namespace podrun::pause
