// What a container with the default capabilities may not do by itself.
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {
namespace {

void try_to_leave_the_root() {
  mkdir("/tmp/below", 0755);
  report("chroot", chroot("/tmp/below"));
  report("pivot_root", syscall(SYS_pivot_root, ".", "."));
  const int mounts = open("/proc/self/ns/mnt", O_RDONLY);
  report("setns to its own mount namespace", setns(mounts, CLONE_NEWNS));
  const int first = static_cast<int>(syscall(SYS_pidfd_open, 1, 0));
  report("setns by pidfd", setns(first, CLONE_NEWNS));
  file_handle* handle = static_cast<file_handle*>(malloc(sizeof(file_handle) + MAX_HANDLE_SZ));
  handle->handle_bytes = MAX_HANDLE_SZ;
  int mount_id = 0;
  name_to_handle_at(AT_FDCWD, "/etc/hosts", handle, &mount_id, 0);
  report("open_by_handle_at", open_by_handle_at(open("/etc/hosts", O_RDONLY), handle, O_RDONLY));
  const int root = open("/", O_RDONLY | O_DIRECTORY);
  const int outside = openat(root, "../../../../c", O_PATH);
  report("a way up from /", outside);
}

void try_new_namespaces() {
  report("unshare user", unshare(CLONE_NEWUSER));
  report("unshare mnt", unshare(CLONE_NEWNS));
  report("unshare pid", unshare(CLONE_NEWPID));
  clone_args arguments{};
  arguments.flags = CLONE_NEWUSER;
  arguments.exit_signal = SIGCHLD;
  const long child = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child == 0) _exit(0);
  report("clone user", child);
}

void try_to_mount() {
  report("mount", mount("tmpfs", "/tmp", "tmpfs", 0, nullptr));
  report("remount /proc read-write", mount(nullptr, "/proc", nullptr, MS_REMOUNT | MS_BIND, nullptr));
  report("umount a mask", umount2("/proc/sys", MNT_DETACH));
  report("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE));
  report("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
  report("mknod of a disk", mknod("/tmp/disk", S_IFBLK | 0600, makedev(254, 0)));
}

void try_the_kernel() {
  report_open("write /proc/sys/kernel/core_pattern", open("/proc/sys/kernel/core_pattern", O_WRONLY));
  report_open("write /proc/sysrq-trigger", open("/proc/sysrq-trigger", O_WRONLY));
  report_open("write /sys/kernel/uevent_helper", open("/sys/kernel/uevent_helper", O_WRONLY));
  char byte;
  const int memory = open("/proc/kcore", O_RDONLY);
  const bool read_something = memory >= 0 && read(memory, &byte, 1) == 1;
  if (!read_something && memory >= 0) errno = ENODATA;  // /dev/null lies on it
  report("read /proc/kcore", read_something ? 0 : -1);
  report("sethostname", sethostname("mine", 4));
  report("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, nullptr));
  report("init_module", syscall(SYS_init_module, "", 0, ""));
  bpf_attr program{};
  program.prog_type = BPF_PROG_TYPE_KPROBE;
  report("bpf", syscall(SYS_bpf, BPF_PROG_LOAD, &program, sizeof program));
  report("open the terminal", open("/dev/tty", O_RDWR));
}

}  // namespace

int try_everything(int, Words) {
  try_to_leave_the_root();
  try_new_namespaces();
  try_to_mount();
  try_the_kernel();
  return 0;
}

/// Kills its own process group, then everybody it may kill. As PID 1 it is spared, in its namespace.
int signal_group(int, Words) {
  report("kill its group", kill(0, SIGKILL));
  report("kill everybody", kill(-1, SIGKILL));
  return 0;
}

/// SERIAL DESCRIPTION: of a key in the session keyring that podrun was started with.
int read_key(int, Words words) {
  char text[64];
  report("find the key", syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", words[1], 0));
  report("read the key", syscall(SYS_keyctl, KEYCTL_READ, atoi(words[0]), text, sizeof text));
  return 0;
}

}  // namespace podrun::probe
