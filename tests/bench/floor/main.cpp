// The floor: only the system calls that a pod of two containers needs, in one static program. No manifest, no supervisor, no
// logs, no masks, no clean-up: what the kernel takes for it, whoever asks.
//
//   podrun-floor ROOTFS LAYERS BENCH     a static rootfs, an empty directory on disk, the directory with the FIFO
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

namespace {

long must(long result, const char* what) {
  if (result >= 0) return result;
  dprintf(2, "podrun-floor: %s: %s\n", what, strerror(errno));
  _exit(3);
}
#define MUST(call) must((call), #call)

pid_t fork_into(unsigned long flags) {
  clone_args arguments{};
  arguments.flags = flags;
  arguments.exit_signal = SIGCHLD;
  const pid_t pid = static_cast<pid_t>(MUST(syscall(SYS_clone3, &arguments, sizeof arguments)));
  if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);  // a floor that fails leaves nobody behind
  return pid;
}

int overlay(const char* rootfs, const char* layers, const char* name) {
  char upper[512], work[512];
  // Fresh ones each time: a volatile overlay refuses the directories of a former one.
  snprintf(upper, sizeof upper, "%s/%d-%s-upper", layers, getpid(), name);
  snprintf(work, sizeof work, "%s/%d-%s-work", layers, getpid(), name);
  mkdir(upper, 0755);
  mkdir(work, 0755);
  const int context = static_cast<int>(MUST(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "lowerdir", rootfs, 0));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "upperdir", upper, 0));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "workdir", work, 0));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, "volatile", nullptr, 0));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
  const int mount = static_cast<int>(MUST(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV)));
  close(context);
  return mount;
}

/// In the pause: its namespaces, a tmpfs root, lo up; says so on `ready` and holds them.
[[noreturn]] void hold(int ready) {
  MUST(unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS));
  MUST(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
  MUST(mount("pod", "/proc", "tmpfs", 0, "mode=755"));
  MUST(mkdir("/proc/c", 0755));
  MUST(chdir("/proc"));
  MUST(syscall(SYS_pivot_root, ".", "."));
  MUST(umount2(".", MNT_DETACH));
  const int socket_ = static_cast<int>(MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
  ifreq request{};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  MUST(ioctl(socket_, SIOCSIFFLAGS, &request));
  (void)!write(ready, "", 1);
  for (;;) pause();
}

[[noreturn]] void run(int pause_pidfd, int root, int bench, const char* name) {
  char cell[64];
  snprintf(cell, sizeof cell, "/c/%s", name);
  MUST(setns(pause_pidfd, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS));
  MUST(mkdir(cell, 0755));
  MUST(syscall(SYS_move_mount, root, "", AT_FDCWD, cell, MOVE_MOUNT_F_EMPTY_PATH));
  MUST(chdir(cell));
  mkdir("proc", 0755);
  mkdir("bench", 0755);
  MUST(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, nullptr));
  MUST(syscall(SYS_move_mount, bench, "", AT_FDCWD, "bench", MOVE_MOUNT_F_EMPTY_PATH));
  MUST(chroot("."));
  execl("/bin/podrun-payload", "podrun-payload", name, "stay", nullptr);
  must(-1, "execl");
  _exit(3);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  int ready[2];
  MUST(pipe2(ready, O_CLOEXEC));
  const pid_t pause_pid = fork_into(0);
  if (pause_pid == 0) hold(ready[1]);
  const int pidfd = static_cast<int>(MUST(syscall(SYS_pidfd_open, pause_pid, 0)));
  const char* names[2] = {"a", "b"};
  int roots[2], benches[2];
  for (int i = 0; i < 2; ++i) {
    roots[i] = overlay(argv[1], argv[2], names[i]);
    benches[i] = static_cast<int>(MUST(syscall(SYS_open_tree, AT_FDCWD, argv[3], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
  }
  char byte;
  if (read(ready[0], &byte, 1) != 1) return 3;
  pid_t children[2];
  for (int i = 0; i < 2; ++i) {
    children[i] = fork_into(CLONE_NEWPID);
    if (children[i] == 0) run(pidfd, roots[i], benches[i], names[i]);
  }
  // Asked to end: kill, reap.
  sigset_t terminate;
  sigemptyset(&terminate);
  sigaddset(&terminate, SIGTERM);
  sigprocmask(SIG_BLOCK, &terminate, nullptr);
  int signal;
  sigwait(&terminate, &signal);
  for (const pid_t child : {children[0], children[1], pause_pid}) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  return 0;
}
