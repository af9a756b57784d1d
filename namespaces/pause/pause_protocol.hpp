// The messages between pause and supervisor, over a SOCK_SEQPACKET pair: they have a fixed size, and descriptors go
// beside them (SCM_RIGHTS), each with its role. Both programs include this header; it uses libc alone.
//
//   supervisor                               pause
//      │ Step(kind, value, name) ───────────▶ │  sandbox steps, in the plan's order
//      │ ◀──────── Stepped(errno) [+ cells]   │  one answer for each; the pause counts how many were done
//      │ Register(name, instance, pid) [fds]▶ │  stores the child, then opens its gate; again: other descriptors
//      │ Hold(name) [fd] ───────────────────▶ │  keeps a descriptor longer than the supervisor lives
//      │ Release(name) ─────────────────────▶ │  closes it
//      │ Signal(pid, signal) ───────────────▶ │  sends it to the registered child, and records that it did
//      │ Reap(pid) ─────────────────────────▶ │  the exit is on record: waitid(2), drop the registration
//      │ Acknowledge(name) ─────────────────▶ │  the end of this command is on record: drop it
//      │ Sync ──────────────────────────────▶ │
//      │ ◀──────────────────────────── Synced │  everything before it was handled
//      │ List ──────────────────────────────▶ │
//      │ ◀─── Item…, End(steps done, stops)   │  what a later supervisor adopts
//      │ Adopted(timeout) ──────────────────▶ │  from now on another supervisor is started at once if this one dies
//      │ ◀──────────────────── Stop(count)    │  INT, TERM or HUP came; count is the number of them so far
//      │ ◀───────── UnregisteredChild(pid)    │  an unregistered child has ended: Reap(pid) unless Register comes next
//      │ ◀─────── CommandEnded(name, status)  │  a registered command has ended and was reaped
//      │ ◀─────── Refused(name, pid, errno)   │  Register or Hold was not stored: its gate was closed, nothing ran
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
inline constexpr uint32_t protocol_version = 4;
/// The first version in which the pause sends signals and reports unregistered children.
inline constexpr uint32_t version_with_signals = 3;
/// The first version in which descriptors have roles, and the pause opens the gates of children.
inline constexpr uint32_t version_with_roles = 4;

/// The descriptor that carries the protocol, on both sides, across exec.
inline constexpr int socket_fd = 3;
/// The pause's descriptor of the pod's lock file, on which it holds a flock(2) for its life.
inline constexpr int lock_fd = 4;

/// The pause's descriptor of the pod's /c beneath its cover. A process that enters without a supervisor uses it by
/// /proc/PID/fd/5.
inline constexpr int cells_fd = 5;

/// The number of descriptors in one message.
inline constexpr unsigned max_descriptors = 16;
/// The room of the register, which has no heap: the items of each container (its process, its commands in flight such
/// as probes and hooks, what is held for it), and those of the pod.
inline constexpr unsigned items_of_a_container = 16;
inline constexpr unsigned items_of_the_pod = 64;
/// The largest number of containers of a pod.
inline constexpr unsigned max_containers = 240;
inline constexpr unsigned max_items = max_containers * items_of_a_container + items_of_the_pod;

/// What a registered child is.
enum class ChildKind : uint8_t {
  Container,  ///< a container's first process: it stays a zombie until Reap
  Command,    ///< reaped at once; its status is kept until Acknowledge
};

/// What a registered descriptor is for. The numbers are part of the protocol: they are never used for another role.
enum class Role : uint8_t {
  None = 0,       ///< a hold, or registered by a supervisor of an older version
  Process = 1,    ///< the child's pidfd
  Gate = 2,       ///< is not kept: the pause writes one byte to it when the child is stored, and closes it
  Report = 3,     ///< the child's report socket
  Displayed = 4,  ///< its file position says how much of the log the terminal has shown
  Input = 5,      ///< the write end of the child's stdin, or its terminal
  Out = 6,        ///< the read end of its stdout, or the master of its terminal
  Err = 7,
  OutJournalIn = 8,
  OutJournalOut = 9,
  ErrJournalIn = 10,
  ErrJournalOut = 11,
  Log = 12,           ///< its log file
  DroppedLines = 13,  ///< the count of lines that could not be written
  Lifeline = 14,      ///< a command's, which lives as long as a copy of it is open (namespaces/entry)
  Group = 15,         ///< the control group of a command, open as a directory, with its lock
};

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
  Acknowledge,
  Sync,
  Stepped = 101,
  Item,
  End,
  Stop,
  Ask,
  UnregisteredChild,
  CommandEnded,
  Refused,
  Synced,
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

/// One message. A later version may be longer; a receiver ignores what it does not know.
struct Message {
  Op op;
  int32_t a = 0;  ///< Step: SandboxOp · Register, Signal, Reap, Item, UnregisteredChild, CommandEnded, Refused: pid (0:
                  ///< a Hold) · Stepped: errno · End: steps done · Stop: count · Adopted: milliseconds in which it
                  ///< answers (0: it is never asked) · Quit: code
  int32_t b = 0;  ///< Register, Item: instance · Signal: its number · End: stops so far · Stepped: its nanoseconds
                  ///< · Refused: errno
  uint32_t version = protocol_version;
  int64_t value = 0;  ///< Step: its argument · Item of a container: the last Signal that was sent to it, 0: none
                      ///< · End: how the supervisor before this one ended (Ended) · CommandEnded, Item of a command: how
                      ///< it ended (Ended) · Stepped: CLOCK_BOOTTIME at its end, in nanoseconds
  char name[80] = {};
  // Since version 4:
  ChildKind kind = ChildKind::Container;  ///< Register, Item
  uint8_t descriptors = 0;                ///< how many were sent with it
  Role roles[max_descriptors] = {};       ///< Register, Item: their roles
  uint8_t unused[6] = {};
};

/// The size of a message before version 4.
inline constexpr unsigned least_message = 104;
static_assert(sizeof(Message) == 128, "the layout of a message is the same for every compiler");

/// How a process ended: a wait(2) status, and these flags. 0: it has not ended, or there was none.
enum Ended : int64_t {
  ended_status = 0xffff,
  has_ended = 1 << 16,
  has_hung = 1 << 17,  ///< a supervisor that did not answer, and was killed
};

/// The name under which the pause holds the running program, which is used when its path is gone.
inline constexpr char program_hold[] = "program";
/// The name under which the pause holds its own descriptor of the pod's /c.
inline constexpr char cells_hold[] = "cells";
/// The name under which it holds the pidfd of the pod's init.
inline constexpr char init_hold[] = "init";

}  // namespace podrun::pause
