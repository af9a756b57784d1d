// What podrun-entry is given: its descriptors and its order. Both sides include this header; it uses libc alone.
//
//   supervisor, or the client of exec
//      └─clone─▶ intermediate   enters the namespaces, mounts, changes the root, closes what is not listed here
//                  │ execveat(podrun-entry, argv and environment of the container's program)
//                  └─clone─▶ launcher   joins the PID namespace for its children, drops its rights
//                              └─fork─▶ the container's process: waits at the gate, execve
//
// Of exec, a probe or a hook, the intermediate, which becomes the monitor, is in the pod's control group _helpers. The launcher is born into
// the command's own, and the command inherits that: a filter of the container may refuse it a clone into a group.
//
// A container with CAP_SYS_PTRACE can inspect every process that is born into its PID namespace, from the first instant
// on: its root, descriptors, environment and memory. That the process is not dumpable does not prevent this. Here that
// process is the one at the gate: it has the container's own root, rights, standard streams and environment, a socket
// that accepts an errno, a pipe that yields one byte, and the memory of this small program.
#pragma once

#include <stdint.h>

namespace podrun::entry {

/// The version of the order; it grows when the meaning of an order changes.
inline constexpr uint32_t version = 3;

/// The descriptors other than 0, 1 and 2, which are those of the program.
enum Descriptor : int {
  report_fd = 3,    ///< SOCK_SEQPACKET: a StepFailure when a step fails; closed by the exec
  order_fd = 4,     ///< a file with the order
  pid_fd = 5,       ///< Order::namespaces: a pidfd of a process that is in them
  gate_fd = 6,      ///< Launch: one byte opens it
  lifeline_fd = 6,  ///< Command: signals from the client; end of file: the client has ended. Of a registered one the
                    ///< first byte opens the gate
  birth_fd = 7,     ///< Launch: SOCK_SEQPACKET: Born. Not in the container's process, which others may control
  root_fd = 7,      ///< Command: an empty directory, for the monitor
  group_fd = 8,     ///< Command: its control group, open as a directory
  kill_fd = 9,      ///< Command: cgroup.kill of that group, which the monitor writes when the command has ended
  after_last_fd = 10,
};

enum class Role : uint32_t {
  Launch,   ///< report the container's process and end, so that its parent is the pause
  Command,  ///< become the monitor of the command
  RegisteredCommand,  ///< the same, but the command waits until the pause has registered the monitor
};

enum class Op : uint16_t {
  BoundCapabilities,  ///< uint64_t: the capabilities that are kept
  Filter,             ///< sock_filter[]
  Ids,                ///< uint32_t[]: uid, gid, groups
  NoNewPrivileges,
  Capabilities,  ///< uint64_t: the capabilities that are kept
  Birth,         ///< makes the container's process, which performs the rest; stands for PDEATHSIG, set after the gate
  Gate,
  Exec,
};

/// One step: what is to be done, the index of the plan's step that it stands for, and the length in bytes of the
/// payload that follows, which is padded to a multiple of 8.
struct Item {
  Op op;
  uint16_t step;
  uint32_t length;
};

inline constexpr uint16_t no_step = 0xffff;

/// A set of CPUs, sched_setaffinity(2).
struct CpuSet {
  uint64_t bits[16];
};

/// The beginning of an order; the items follow.
struct Order {
  uint32_t version;
  Role role;
  uint32_t last_capability;
  /// Flags of clone(2): CLONE_NEWPID, the namespace to be born into; CLONE_NEWCGROUP, for a Command, because where cgroup2
  /// is mounted with nsdelegate, nobody can clone from outside of its own cgroup namespace into a group inside.
  uint32_t namespaces;
  uint32_t terminal_step;  ///< the step by which descriptor 0 becomes the controlling terminal; no_step: none
  uint32_t has_cpus;  ///< Command: all run on one CPU until it is made; then it and its monitor get these
  CpuSet cpus;
};

/// The payload of an item, and the next item.
inline const void* payload(const Item* item) { return item + 1; }
inline const Item* next(const Item* item) {
  return reinterpret_cast<const Item*>(reinterpret_cast<const char*>(item + 1) + ((item->length + 7U) & ~7U));
}

/// The report of a failed step: its index in the plan and the errno. No string is sent.
struct StepFailure {
  uint16_t step;
  uint16_t error;
};

/// StepFailure::step of a process that was not made.
inline constexpr uint16_t not_cloned = no_step;

/// Launch: the container's process waits at its gate. Its pidfd is sent along.
struct Born {
  int32_t pid;
  int32_t reserved;
};

/// The errno of a gate that was closed without being opened: the one end of a child that is not a failure of its start.
inline constexpr int gate_closed = 125;  // ECANCELED

}  // namespace podrun::entry
