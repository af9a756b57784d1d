// Only the system calls that a process in a running container needs: no cgroup, no ids, no capabilities.
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/floor/pod.hpp"

int run_in_container(const char* pid, char** command) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/root", pid);
  const int process = static_cast<int>(MUST(syscall(SYS_pidfd_open, atoi(pid), 0)));
  const int root = static_cast<int>(MUST(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)));
  MUST(setns(process, CLONE_NEWPID));
  const pid_t child = static_cast<pid_t>(MUST(fork()));
  if (child == 0) {
    MUST(setns(process, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS));
    MUST(fchdir(root));
    MUST(chroot("."));
    MUST(execv(command[0], command));
  }
  int status = 0;
  MUST(waitpid(child, &status, 0));
  return WEXITSTATUS(status);
}
