// The pod's init. It is the first process of the PID namespace that containers share, where it reaps orphans; and it
// keeps the pod's cgroup and time namespaces, which the pause cannot be in itself. It ends with the pause, and not by
// any signal from inside the pod.
//
// A container with CAP_SYS_PTRACE in its PID namespace can make it do anything. So it has no rights, files or
// descriptors, and nothing of the caller. What needs more is done before any other process is in its namespaces.
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

/// The number that the write end of the ready pipe is moved to, so that everything above can be closed.
constexpr int ready_fd = 0;

constexpr long calls[] = {SYS_wait4, SYS_rt_sigtimedwait, SYS_write, SYS_close, SYS_exit_group};
constexpr auto filter = helper::allow_only(calls);

/// Signals stay blocked, as in the pause; only SIGCHLD is waited for.
[[noreturn]] void reap_forever() {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {}
    sigwaitinfo(&child, nullptr);
  }
}

/// Clears what containers must not see: the host's paths, podrun's options and the caller's environment.
void clear_command_line(char** argv) {
  for (char** word = argv + 2; argv[0] && argv[1] && *word; ++word) memset(*word, 0, strlen(*word));
  for (char** variable = environ; *variable; ++variable) memset(*variable, 0, strlen(*variable));
}

/// Mounts what containers find at /proc: only a process in a PID namespace can mount its proc, and no other one is in
/// it yet.
int mount_proc() { return mount_among_cells("proc", "_proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr); }

int set_up(int flags) {
  // The root of a cgroup namespace is the group that its maker is in, so it is made here and not by the clone.
  if (flags & CLONE_NEWCGROUP && unshare(CLONE_NEWCGROUP) < 0) return errno;
  if (flags & CLONE_NEWPID)
    if (const int error = mount_proc()) return error;
  const int cover = open("/c", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (cover < 0 || fchdir(cover) < 0) return errno;
  syscall(SYS_close_range, ready_fd + 1, ~0U, 0);
  return helper::confine(0, SIGKILL, filter);
}

/// Reports by `ready` that its namespaces are set up.
[[noreturn]] void run_init(int flags, int ready, char** argv) {
  clear_command_line(argv);
  prctl(PR_SET_NAME, "podrun-init");
  setsid();
  dup2(ready, ready_fd);
  const int error = set_up(flags);
  // The pause may have died before PDEATHSIG was set: then no process reads this, and the write fails.
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
  if (pid == 0) run_init(flags, ready[1], argv);
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
