// Only the system calls that a pod needs: no masks, no capabilities, no clean-up.
#include "tests/bench/floor/pod.hpp"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
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

long must(long result, const char* what) {
  if (result >= 0) return result;
  dprintf(2, "podrun-floor: %s: %s\n", what, strerror(errno));
  _exit(3);
}

namespace {

constexpr unsigned long pod_namespaces = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

/// The detached mounts of a container, and the arguments of its program.
struct Container {
  const char* name;
  int root;
  int bench;
  const char* habit;  // the mode of the payload: "stay" or "once"
  const char* rest = "";
};

pid_t fork_into(unsigned long flags) {
  clone_args arguments{};
  arguments.flags = flags;
  arguments.exit_signal = SIGCHLD;
  const pid_t pid = static_cast<pid_t>(MUST(syscall(SYS_clone3, &arguments, sizeof arguments)));
  if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);  // a floor that fails leaves no process
  return pid;
}

int overlay(const Site& site, const char* name) {
  char upper[512], work[512];
  // New directories each time, because a volatile overlay refuses those of a former one.
  snprintf(upper, sizeof upper, "%s/%d-%s-upper", site.layers, getpid(), name);
  snprintf(work, sizeof work, "%s/%d-%s-work", site.layers, getpid(), name);
  mkdir(upper, 0755);
  mkdir(work, 0755);
  const int context = static_cast<int>(MUST(syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "lowerdir", site.rootfs, 0));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "upperdir", upper, 0));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "workdir", work, 0));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, "volatile", nullptr, 0));
  MUST(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
  const int mount = static_cast<int>(MUST(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV)));
  close(context);
  return mount;
}

int clone_of(const char* directory) {
  return static_cast<int>(
      MUST(syscall(SYS_open_tree, AT_FDCWD, directory, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
}

/// The pause: makes its namespaces and a tmpfs root, sets lo up, writes to `ready`, and holds the namespaces.
[[noreturn]] void hold(int ready) {
  MUST(unshare(pod_namespaces));
  MUST(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
  MUST(mount("pod", "/proc", "tmpfs", 0, "mode=755"));
  MUST(mkdir("/proc/c", 0755));
  MUST(chdir("/proc"));
  MUST(syscall(SYS_pivot_root, ".", "."));
  MUST(umount2(".", MNT_DETACH));
  const int network = static_cast<int>(MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
  ifreq request{};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  MUST(ioctl(network, SIOCSIFFLAGS, &request));
  (void)!write(ready, "", 1);
  for (;;) pause();
}

pid_t start_pause(int& ready) {
  int ends[2];
  MUST(pipe2(ends, O_CLOEXEC));
  const pid_t pid = fork_into(0);
  if (pid == 0) hold(ends[1]);
  ready = ends[0];
  return pid;
}

void wait_until_ready(int ready) {
  char byte;
  if (read(ready, &byte, 1) != 1) _exit(3);  // the pause has printed the error
}

[[noreturn]] void become(const Container& container, int pause_pidfd) {
  char cell[64];
  snprintf(cell, sizeof cell, "/c/%s", container.name);
  MUST(setns(pause_pidfd, pod_namespaces));
  if (mkdir(cell, 0755) < 0) MUST(umount2(cell, MNT_DETACH));  // of the former instance
  MUST(syscall(SYS_move_mount, container.root, "", AT_FDCWD, cell, MOVE_MOUNT_F_EMPTY_PATH));
  MUST(chdir(cell));
  mkdir("proc", 0755);
  mkdir("bench", 0755);
  MUST(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, nullptr));
  MUST(syscall(SYS_move_mount, container.bench, "", AT_FDCWD, "bench", MOVE_MOUNT_F_EMPTY_PATH));
  MUST(chroot("."));
  MUST(execl("/bin/podrun-payload", "podrun-payload", container.name, container.habit, container.rest,
             nullptr));
  _exit(3);
}

pid_t start(const Container& container, int pause_pidfd) {
  const pid_t pid = fork_into(CLONE_NEWPID);
  if (pid == 0) become(container, pause_pidfd);
  return pid;
}

void wait_for_sigterm() {
  sigset_t terminate;
  sigemptyset(&terminate);
  sigaddset(&terminate, SIGTERM);
  sigprocmask(SIG_BLOCK, &terminate, nullptr);
  int signal;
  sigwait(&terminate, &signal);
}

void end_all(std::initializer_list<pid_t> children) {
  for (const pid_t child : children) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
}

}  // namespace

void run_pod(const Site& site, const char* network) {
  int ready;
  const pid_t pause_pid = start_pause(ready);
  const int pidfd = static_cast<int>(MUST(syscall(SYS_pidfd_open, pause_pid, 0)));
  // The mounts are made while the pause makes the namespaces.
  const Container a{"a", overlay(site, "a"), clone_of(site.bench), "stay"};
  const Container b{"b", overlay(site, "b"), clone_of(site.bench), "stay"};
  wait_until_ready(ready);
  if (network != nullptr) connect_pod(pause_pid, network);
  const pid_t first = start(a, pidfd), second = start(b, pidfd);
  wait_for_sigterm();
  end_all({first, second, pause_pid});
}

void run_restart(const Site& site, const char* rest) {
  int ready;
  const pid_t pause_pid = start_pause(ready);
  const int pidfd = static_cast<int>(MUST(syscall(SYS_pidfd_open, pause_pid, 0)));
  wait_until_ready(ready);
  const auto instance = [&](const char* layer) {
    return start({"a", overlay(site, layer), clone_of(site.bench), "once", rest}, pidfd);
  };
  waitpid(instance("0"), nullptr, 0);
  const pid_t successor = instance("1");
  wait_for_sigterm();
  end_all({successor, pause_pid});
}
