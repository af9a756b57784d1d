// The pod's init: the first process of the PID namespace that containers share, where it reaps what they leave; and
// what keeps the pod's cgroup and time namespaces, which the pause cannot be in itself. It ends with the pause, and not
// by any signal from inside the pod.
//
// A container with CAP_SYS_PTRACE in its PID namespace can make it do anything. So it has no right, no file, no
// descriptor and nothing of the caller's. What needs more is done while it is alone.
#include "namespaces/pause/init.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces/helper/helper_rights.hpp"
#include "namespaces/pause/sandbox.hpp"

namespace podrun::pause {
namespace {

/// Where the end of the pipe that tells of it is moved to, so that everything above can be closed.
constexpr int ready_fd = 0;

constexpr long calls[] = {SYS_wait4, SYS_rt_sigtimedwait, SYS_write, SYS_close, SYS_exit_group};
constexpr auto filter = helper::allow_only(calls);

/// Signals stay blocked, as the pause has them; SIGCHLD is waited for.
[[noreturn]] void reap_forever() {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {}
    sigwaitinfo(&child, nullptr);
  }
}

/// Nothing of the host's paths, podrun's options and the caller's environment is the containers' business.
void clear_command_line(char** argv) {
  for (char** word = argv + 2; argv[0] && argv[1] && *word; ++word) memset(*word, 0, strlen(*word));
  for (char** variable = environ; *variable; ++variable) memset(*variable, 0, strlen(*variable));
}

/// What the containers find at /proc: only who is in a PID namespace can mount that, and nobody else is yet.
int mount_proc() { return mount_among_cells("proc", "_proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr); }

int set_up(int flags) {
  // Its root is the group it is in, so it is made here and not by the clone.
  if (flags & CLONE_NEWCGROUP && unshare(CLONE_NEWCGROUP) < 0) return errno;
  if (flags & CLONE_NEWPID)
    if (const int error = mount_proc()) return error;
  const int cover = open("/c", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (cover < 0 || fchdir(cover) < 0) return errno;
  syscall(SYS_close_range, ready_fd + 1, ~0U, 0);
  return helper::confine(0, SIGKILL, filter);
}

/// Tells over `ready` that its namespaces are as they should be.
[[noreturn]] void be_init(int flags, int ready, char** argv) {
  clear_command_line(argv);
  prctl(PR_SET_NAME, "podrun-init");
  setsid();
  dup2(ready, ready_fd);
  const int error = set_up(flags);
  // The pause may have died before PDEATHSIG was set: then nobody reads this.
  if (write(ready_fd, &error, sizeof error) != sizeof error || error != 0) _exit(70);
  close(ready_fd);
  reap_forever();
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
  if (pid == 0) be_init(flags, ready[1], argv);
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
