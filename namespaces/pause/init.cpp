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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces/helper/clone3_onto.hpp"
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

/// What makes the init needs this, and tells the result here.
struct InitTask {
  int flags;
  int helpers;
  int ready;
  char** argv;
  int pidfd = -1;
  int error = 0;
};

/// No process may stay in the pod's own group, so that controllers can be enabled below it: cgroups(7).
int open_helpers(int cgroup) {
  if (mkdirat(cgroup, "_helpers", 0755) < 0 && errno != EEXIST) return -1;
  return openat(cgroup, "_helpers", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void clone_init(InitTask& task, uint64_t parent) {
  clone_args arguments = {};
  arguments.flags = parent | CLONE_PIDFD | CLONE_INTO_CGROUP | static_cast<uint64_t>(task.flags & ~CLONE_NEWCGROUP);
  arguments.pidfd = reinterpret_cast<uintptr_t>(&task.pidfd);
  arguments.exit_signal = parent != 0 ? 0 : SIGCHLD;
  arguments.cgroup = static_cast<uint64_t>(task.helpers);
  const long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid == 0) run_init(task.flags, task.ready, task.argv);
  if (pid < 0) task.error = errno;
}

/// Makes the cgroup namespace, and in it the init as a child of the pause.
void clone_in_new_namespace(void* argument) noexcept {
  InitTask& task = *static_cast<InitTask*>(argument);
  if (unshare(CLONE_NEWCGROUP) < 0) task.error = errno;
  else clone_init(task, CLONE_PARENT);
  _exit(0);
}

/// The root of a cgroup namespace is the group that its maker is in, and a move to another one is slow. So the maker is
/// a process that is in the pod's group for only a moment; it shares the memory and the descriptors of the pause.
void clone_init_in_group(InitTask& task, int cgroup) {
  alignas(16) static char stack[16 * 1024];  // only as much of it takes memory as is used
  clone_args arguments = {};
  arguments.flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_INTO_CGROUP;
  arguments.exit_signal = SIGCHLD;
  arguments.stack = reinterpret_cast<uintptr_t>(stack);
  arguments.stack_size = sizeof stack;
  arguments.cgroup = static_cast<uint64_t>(cgroup);
  const pid_t maker = helper::clone3_onto(arguments, clone_in_new_namespace, &task);
  if (maker < 0) task.error = -maker;
  while (maker > 0 && waitpid(maker, nullptr, 0) < 0 && errno == EINTR) {}
}

}  // namespace

int start_init(int flags, int cgroup, char** argv) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) < 0) return -1;
  InitTask task = {.flags = flags, .helpers = open_helpers(cgroup), .ready = ready[1], .argv = argv};
  if (task.helpers < 0) task.error = errno;
  else if (flags & CLONE_NEWCGROUP) clone_init_in_group(task, cgroup);
  else clone_init(task, 0);
  close(task.helpers);
  close(ready[1]);
  if (task.error == 0 && read(ready[0], &task.error, sizeof task.error) != sizeof task.error) task.error = ESRCH;
  close(ready[0]);
  if (task.error == 0) return task.pidfd;
  if (task.pidfd >= 0) close(task.pidfd);
  errno = task.error;
  return -1;
}

}  // namespace podrun::pause
