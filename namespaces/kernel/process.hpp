// A process, named by pid and pidfd together: the pid for messages and /proc, the pidfd because pids are reused.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A process. Destroying this object neither kills the process nor waits for it.
struct Process {
  pid_t pid = 0;
  Fd pidfd;
};

/// Opens a process with pidfd_open(2). Error ESRCH: there is no such process.
Result<Process> open_process(pid_t pid);

/// The children of a process, zombies included. The list is complete if no child is reaped meanwhile, proc_pid_task(5).
Result<std::vector<pid_t>> children_of(pid_t pid);

/// Sends a signal with pidfd_send_signal(2). It is no error if the process has ended.
Result<> send_signal(const Process& process, int signal);

/// Sends SIGKILL and waits at most `timeout` until the process is dead. Its parent still has to reap it.
Result<> end(const Process& process, std::chrono::milliseconds timeout);

/// The wait status of a zombie (field 52 of /proc/PID/stat, proc(5)), which need not be a child of the caller; empty
/// while the process lives. Reading that of another user's process needs CAP_SYS_PTRACE.
Result<std::optional<int>> peek_exit(pid_t pid);

/// Whether the process has begun to exit (PF_EXITING in field 9 of /proc/PID/stat), which may take a while: the first
/// process of a PID namespace waits for the others. Also true if there is no such process any more.
bool is_ending(pid_t pid);

/// Whether the process, also a zombie, was forked and has executed no program since (PF_FORKNOEXEC in field 9 of
/// /proc/PID/stat). False if there is no such process any more.
bool has_not_executed(pid_t pid);

/// Whether the calling process ignores a signal. A signal that its caller ignored stays ignored, execve(2).
bool ignores(int signal);

/// The exit code of a wait status, as Kubernetes counts it: 0–255, or 128+N for signal N.
int exit_code_of(int wait_status);

/// The start time of a process, in clock ticks since boot (field 22 of /proc/PID/stat). With the pid it identifies the
/// process.
Result<std::uint64_t> start_ticks(pid_t pid);

/// Duplicates the pidfd.
Result<Process> copy_of(const Process& process);

/// The pid, in the caller's PID namespace, of the process behind a pidfd, from /proc/self/fdinfo. Error ESRCH: the
/// process has been reaped.
Result<pid_t> pid_of(int pidfd);

/// Waits for a child of the calling process to end, waitid(2), and returns its wait status.
Result<int> wait_for(const Process& process);

}  // namespace podrun::ns
