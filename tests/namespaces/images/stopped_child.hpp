// A child process that is stopped before a chosen system call, with ptrace(2). For other processes, and for the disk,
// everything between two system calls is one instant.
#pragma once

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace podrun::ns::test {

/// Runs WORK in a child. Before its system call of number NTH, counted from 1, it is stopped, `at_instant` is called,
/// and it is killed. False: it ended before; `exit_status` has its status.
inline bool stopped_before(int nth, const std::function<int()>& work, const std::function<void()>& at_instant,
                           int& exit_status) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    ::_exit(work());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  bool is_entry = true;
  for (int calls = 0, passed_on = 0;;) {
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, passed_on);
    ::waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status)) break;
    const bool is_call = WSTOPSIG(status) == (SIGTRAP | 0x80);
    passed_on = is_call ? 0 : WSTOPSIG(status);
    if (is_call && is_entry && ++calls == nth) {
      at_instant();
      ::kill(pid, SIGKILL);
      ::waitpid(pid, &status, 0);
      return true;
    }
    if (is_call) is_entry = !is_entry;
  }
  exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

}  // namespace podrun::ns::test
