// The pod's init: the first process of the PID namespace that containers share, where it reaps what they leave; and what
// keeps the pod's cgroup and time namespaces, which the pause cannot be in itself. It ends with the pause, and not by any
// signal from inside the pod.
#include "namespaces/pause/init.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace podrun::pause {
namespace {

/// Signals stay blocked, as the pause has them; SIGCHLD is waited for.
[[noreturn]] void reap_for_ever() {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {}
    sigwaitinfo(&child, nullptr);
  }
}

/// Nothing of the host's paths and of podrun's options is the containers' business.
void shorten_command_line(char** argv) {
  for (char** word = argv + 2; argv[0] && argv[1] && *word; ++word) memset(*word, 0, strlen(*word));
}

/// Tells over `ready` that its namespaces are as they should be.
[[noreturn]] void be_init(int flags, const int (&ready)[2], char** argv) {
  close(ready[0]);
  shorten_command_line(argv);
  prctl(PR_SET_NAME, "podrun-init");
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  // Its root is the group it is in, so it is made here and not by the clone.
  int error = flags & CLONE_NEWCGROUP && unshare(CLONE_NEWCGROUP) < 0 ? errno : 0;
  // The pause may have died before PDEATHSIG was set: then nobody reads this.
  if (write(ready[1], &error, sizeof error) != sizeof error || error != 0) _exit(70);
  syscall(SYS_close_range, 0, ~0U, 0);
  setsid();
  reap_for_ever();
}

}  // namespace

int start_init(int flags, int cgroup, char** argv) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) < 0) return -1;
  int pidfd = -1;
  clone_args arguments = {};
  arguments.flags = CLONE_PIDFD | CLONE_INTO_CGROUP | static_cast<uint64_t>(flags & ~CLONE_NEWCGROUP);
  arguments.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  arguments.cgroup = static_cast<uint64_t>(cgroup);
  long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) be_init(flags, ready, argv);
  int error = pid < 0 ? errno : 0;
  close(ready[1]);
  if (error == 0 && read(ready[0], &error, sizeof error) != sizeof error) error = ESRCH;
  close(ready[0]);
  if (error == 0) return pidfd;
  if (pidfd >= 0) close(pidfd);
  errno = error;
  return -1;
}

}  // namespace podrun::pause
