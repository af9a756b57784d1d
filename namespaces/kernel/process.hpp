// A process, named by pid and pidfd together: the pid for people and /proc, the pidfd because pids are reused.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Destroying it neither kills nor waits.
struct Process {
  pid_t pid = 0;
  Fd pidfd;
};

/// pidfd_open(2); ESRCH if there is no such process.
Result<Process> open_process(pid_t pid);

/// The children of a process, zombies too. Complete as long as nobody reaps one meanwhile, proc_pid_task(5).
Result<std::vector<pid_t>> children_of(pid_t pid);

/// pidfd_send_signal(2). A process that has ended already is not an error.
Result<> send_signal(const Process& process, int signal);

/// SIGKILL, and waits until the process is dead, at most `timeout`. Reaping it is its parent's affair.
Result<> end(const Process& process, std::chrono::milliseconds timeout);

/// The wait status of a zombie (field 52 of /proc/PID/stat, proc(5)), also of one that is not our child; empty while
/// the process lives. Reading another user's needs CAP_SYS_PTRACE.
Result<std::optional<int>> peek_exit(pid_t pid);

/// Whether the process is in its exit already, though it may take a while (PF_EXITING in field 9 of /proc/PID/stat):
/// the first process of a PID namespace waits in it for the others. Also when it has gone.
bool is_ending(pid_t pid);

/// Whether the process was forked and has executed nothing since (PF_FORKNOEXEC in field 9 of /proc/PID/stat), also of
/// a zombie. False when it has gone.
bool has_not_executed(pid_t pid);

/// Whether this process ignores a signal: what its caller ignored it goes on ignoring, execve(2).
bool ignores(int signal);

/// A wait status as Kubernetes counts it: 0–255, or 128+N for signal N.
int exit_code_of(int wait_status);

/// When the process started, in clock ticks since boot (field 22 of /proc/PID/stat): with the pid, an identity.
Result<std::uint64_t> start_ticks(pid_t pid);

/// Another descriptor of the same process.
Result<Process> copy_of(const Process& process);

/// The process behind a pidfd, by its pid here, from /proc/self/fdinfo; ESRCH if it has been reaped.
Result<pid_t> pid_of(int pidfd);

/// waitid(2) of one of our own children: blocks until it ends, returns its wait status.
Result<int> wait_for(const Process& process);

}  // namespace podrun::ns
