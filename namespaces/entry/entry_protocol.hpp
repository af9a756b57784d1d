// What podrun-entry is given: its descriptors and its order. Both sides include this header; it uses libc alone.
//
//   supervisor, or the client of exec
//      └─clone─▶ intermediate   enters the namespaces, mounts, changes the root, closes what is not listed here
//                  │ execveat(podrun-entry, argv and environment of the container's program)
//                  └─vfork─▶ launcher   joins the PID namespace for its children, drops its rights
//                              └─fork─▶ the container's process: waits at the gate, execve
//
// A container with CAP_SYS_PTRACE sees whatever is born into its PID namespace, its root, descriptors, environment and
// memory, from the first instant on (not being dumpable does not stop it). Here that is the process at the gate: it has
// the container's own root, rights, standard streams and environment, a socket that takes an errno, a pipe that gives
// one byte, and the memory of this small program.
#pragma once

#include <stdint.h>

namespace podrun::entry {

/// Grows when an order changes its meaning.
inline constexpr uint32_t version = 1;

/// The descriptors, beside 0, 1 and 2, which are the program's.
enum Descriptor : int {
  report_fd = 3,    ///< SOCK_SEQPACKET: a StepFailure when a step fails; closed by the exec
  order_fd = 4,     ///< a file with the order
  pid_fd = 5,       ///< Order::has_pid_namespace: whose to be born into, a pidfd
  gate_fd = 6,      ///< Launch: one byte opens it
  lifeline_fd = 6,  ///< Command: signals from the client; its end is the client's
  birth_fd = 7,  ///< Launch: SOCK_SEQPACKET: Born. The container's process, which others may control, does not have it
  root_fd = 7,   ///< Command: an empty directory, for the monitor
  after_last_fd = 8,
};

enum class Role : uint32_t {
  Launch,   ///< tell of the container's process and end: its parent is then the pause
  Command,  ///< be the monitor of the command
};

enum class Op : uint16_t {
  BoundCapabilities,  ///< uint64_t: what is kept
  Filter,             ///< sock_filter[]
  Ids,                ///< uint32_t[]: uid, gid, groups
  NoNewPrivileges,
  Capabilities,  ///< uint64_t: what is kept
  Birth,         ///< the container's process is made; what follows, it does. Stands for PDEATHSIG, set behind the gate
  Gate,
  Exec,
};

/// One step: what is to be done, the index of the plan's step that it stands for, and the length of what follows in
/// bytes, which is filled up to a multiple of 8.
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

/// Begins the order; the items follow.
struct Order {
  uint32_t version;
  Role role;
  uint32_t last_capability;
  uint16_t terminal_step;  ///< descriptor 0 becomes the controlling terminal; no_step: there is none
  uint16_t has_pid_namespace;
  uint64_t has_cpus;  ///< Command: until it is made all run on one CPU; then the command and its monitor get these
  CpuSet cpus;
};

/// The place of what follows the item, and of the next one.
inline const void* payload(const Item* item) { return item + 1; }
inline const Item* next(const Item* item) {
  return reinterpret_cast<const Item*>(reinterpret_cast<const char*>(item + 1) + ((item->length + 7U) & ~7U));
}

/// What a failed step sends: its index in the plan and the errno. No string crosses.
struct StepFailure {
  uint16_t step;
  uint16_t error;
};

/// StepFailure::step of a process that was not even made.
inline constexpr uint16_t not_cloned = no_step;

/// Launch: the container's process is at its gate. Its pidfd is sent along.
struct Born {
  int32_t pid;
  int32_t reserved;
};

/// The errno of a gate that nobody opened.
inline constexpr int gate_closed = 125;  // ECANCELED

}  // namespace podrun::entry
