// Attacks of a single container with the default capabilities, also on processes whose pids it is told.
#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#include <initializer_list>

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
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d/..", root);
  report("a way up from a descriptor", open(path, O_PATH) < 0 || access("/c", F_OK) < 0 ? -1 : 0);
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
  mount_attr read_write{};
  read_write.attr_clr = MOUNT_ATTR_RDONLY;
  report("mount", mount("tmpfs", "/tmp", "tmpfs", 0, nullptr));
  report("remount /proc read-write", mount(nullptr, "/proc", nullptr, MS_REMOUNT | MS_BIND, nullptr));
  report("umount a mask", umount2("/proc/sys", MNT_DETACH));
  report("mount_setattr", syscall(SYS_mount_setattr, AT_FDCWD, "/proc", 0, &read_write, sizeof read_write));
  report("move_mount", syscall(SYS_move_mount, AT_FDCWD, "/proc", AT_FDCWD, "/tmp", 0));
  report("open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE));
  report("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
  report("mknod of a disk", mknod("/tmp/disk", S_IFBLK | 0600, makedev(254, 0)));
  report("mknod of memory", mknod("/tmp/memory", S_IFCHR | 0600, makedev(1, 1)));
}

void try_the_kernel() {
  report_open("write /proc/sys/kernel/core_pattern", open("/proc/sys/kernel/core_pattern", O_WRONLY));
  report_open("write /proc/sysrq-trigger", open("/proc/sysrq-trigger", O_WRONLY));
  report_open("write /sys/kernel/uevent_helper", open("/sys/kernel/uevent_helper", O_WRONLY));
  char byte;
  const int memory = open("/proc/kcore", O_RDONLY);
  const bool read_something = memory >= 0 && read(memory, &byte, 1) == 1;
  if (!read_something && memory >= 0) errno = ENODATA;  // it is masked by /dev/null
  report("read /proc/kcore", read_something ? 0 : -1);
  report("sethostname", sethostname("mine", 4));
  const timespec never{};
  report("clock_settime", clock_settime(CLOCK_REALTIME, &never));
  report("acct", acct("/tmp/acct"));
  report("swapoff", swapoff("/tmp/swap"));
  report("kexec_load", syscall(SYS_kexec_load, 0, 0, nullptr, 0));
  report("forget the kernel's messages", klogctl(5, nullptr, 0));
  report("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, nullptr));
  report("init_module", syscall(SYS_init_module, "", 0, ""));
  bpf_attr program{};
  program.prog_type = BPF_PROG_TYPE_KPROBE;
  report("bpf", syscall(SYS_bpf, BPF_PROG_LOAD, &program, sizeof program));
  report("add_key", syscall(SYS_add_key, "user", "mine", "x", 1, KEY_SPEC_PROCESS_KEYRING));
  report("request_key", syscall(SYS_request_key, "user", "mine", nullptr, 0));
  report("keyctl", syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1));
  report("take a descriptor", syscall(SYS_pidfd_getfd, syscall(SYS_pidfd_open, getpid(), 0), 0, 0));
  report("open the terminal", open("/dev/tty", O_RDWR));
}

/// "NAME ATTEMPT", as the name in a report.
struct Attempt {
  Attempt(const char* name, const char* attempt) { snprintf(words, sizeof words, "%s %s", name, attempt); }
  char words[128];
};

void try_to_reach(const char* name, pid_t pid) {
  char byte = 0;
  iovec ours{&byte, 1}, theirs{reinterpret_cast<void*>(0x400000), 1};
  report(Attempt(name, "signal").words, kill(pid, 0));
  report(Attempt(name, "pidfd_open").words, syscall(SYS_pidfd_open, pid, 0));
  report(Attempt(name, "ptrace").words, ptrace(PTRACE_SEIZE, pid, nullptr, nullptr));
  report(Attempt(name, "process_vm_readv").words, process_vm_readv(pid, &ours, 1, &theirs, 1, 0));
  report(Attempt(name, "process_vm_writev").words, process_vm_writev(pid, &ours, 1, &theirs, 1, 0));
  report(Attempt(name, "kcmp").words, syscall(SYS_kcmp, pid, getpid(), 2, 0, 0));
  for (const char* file : {"root", "cwd", "fd", "mem", "ns/mnt"}) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
    report_open(Attempt(name, file).words, open(path, O_RDONLY));
  }
}

}  // namespace

int try_everything(int, Words) {
  try_to_leave_the_root();
  try_new_namespaces();
  try_to_mount();
  try_the_kernel();
  return 0;
}

/// Kills its own process group, then all processes that it may kill. As PID 1 of its namespace it is not killed itself.
int signal_group(int, Words) {
  report("kill its group", kill(0, SIGKILL));
  report("kill everybody", kill(-1, SIGKILL));
  return 0;
}

/// FILE: has lines "NAME PID", with the host's pids of processes outside. Prints the number of processes that it sees,
/// then tries to reach those in FILE.
int reach(int, Words words) {
  int seen = 0;
  DIR* processes = opendir("/proc");
  while (const dirent* entry = readdir(processes)) seen += entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
  dprintf(STDOUT_FILENO, "processes: %d\nparent: %d\n", seen, getppid());
  FILE* file = fopen(words[0], "re");
  char name[64];
  for (pid_t pid; fscanf(file, "%63s %d", name, &pid) == 2;) try_to_reach(name, pid);
  return 0;
}

/// ADDRESS: connects to this abstract socket of the host.
int call_host(int, Words words) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path + 1, words[0], sizeof address.sun_path - 2);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + strlen(words[0]));
  const int own = socket(AF_UNIX, SOCK_STREAM, 0);
  report("connect", connect(own, reinterpret_cast<const sockaddr*>(&address), length));
  return 0;
}

/// SERIAL DESCRIPTION: tries to read this key, which is in the session keyring and the user keyring of podrun's caller.
int read_key(int, Words words) {
  char text[64];
  report("find the session's key", syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", words[1], 0));
  report("find the user's key", syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", words[1], 0));
  report("read the key", syscall(SYS_keyctl, KEYCTL_READ, atoi(words[0]), text, sizeof text));
  return 0;
}

}  // namespace podrun::probe
