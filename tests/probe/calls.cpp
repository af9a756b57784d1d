// The system calls that podrun's own filter denies, made in every possible way.
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {
namespace {

constexpr uint64_t new_user = CLONE_NEWUSER | CLONE_NEWNS;

/// The outcome of a clone. Only the parent goes on.
long ended(long child) {
  if (child == 0) _exit(0);
  return child;
}

long clone_by(uint64_t flags) { return ended(syscall(SYS_clone, flags, 0, 0, 0, 0)); }

long clone3_by(uint64_t flags, uint64_t exit_signal) {
  clone_args arguments{};
  arguments.flags = flags;
  arguments.exit_signal = exit_signal;
  return ended(syscall(SYS_clone3, &arguments, sizeof arguments));
}

/// Makes an attempt in a child, because it cannot be undone. The exit status of the child is the errno.
template <typename Call>
long in_child(Call call) {
  const pid_t child = fork();
  if (child == 0) _exit(call() < 0 ? errno : 0);
  int status = 0;
  waitpid(child, &status, 0);
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : EFAULT;  // killed by a signal: the kernel has no such calls
  return errno == 0 ? 0 : -1;
}

#ifdef __x86_64__
/// Makes an i386 system call.
long call_of_i386(long number, long first, long second) {
  long result;
  asm volatile("int $0x80"
               : "=a"(result)
               : "a"(number), "b"(first), "c"(second), "d"(0L), "S"(0L), "D"(0L)
               : "memory", "r8", "r9", "r10", "r11");
  if (result >= 0 || result < -4095) return result;
  errno = static_cast<int>(-result);
  return -1;
}
constexpr long clone_of_i386 = 120, unshare_of_i386 = 310, socket_of_i386 = 359, clone3_of_i386 = 435;
#endif

void* nothing(void* argument) { return argument; }

/// Whether libraries can do without clone3(2).
void make_thread() {
  pthread_t thread;
  errno = pthread_create(&thread, nullptr, nothing, nullptr);
  report("a thread", errno == 0 ? 0 : -1);
  if (errno == 0) pthread_join(thread, nullptr);
}

/// A use of a user namespace for an attack: mounts the host's control groups, in a cgroup namespace of its own.
long mount_control_groups() {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP) < 0) return -1;
  mkdir("/tmp/cgroup", 0755);
  return mount("none", "/tmp/cgroup", "cgroup2", 0, nullptr);
}

}  // namespace

int make_user_namespaces(int, Words) {
  report("mount control groups", in_child(mount_control_groups));
  report("unshare", in_child([] { return unshare(CLONE_NEWUSER); }));
  report("unshare with others", in_child([] { return syscall(SYS_unshare, new_user | CLONE_NEWCGROUP); }));
  report("clone", in_child([] { return clone_by(new_user | SIGCHLD); }));
  report("clone3", in_child([] { return clone3_by(new_user, SIGCHLD); }));
  report("setns", in_child([] { return setns(open("/proc/self/ns/user", O_RDONLY), CLONE_NEWUSER); }));
#ifdef __x86_64__
  report("i386 unshare", in_child([] { return call_of_i386(unshare_of_i386, CLONE_NEWUSER, 0); }));
  report("i386 clone", in_child([] { return ended(call_of_i386(clone_of_i386, CLONE_NEWUSER | SIGCHLD, 0)); }));
#endif
  make_thread();
  return 0;
}

int make_siblings(int, Words) {
  report("clone", clone_by(CLONE_PARENT));
  report("clone with others", clone_by(CLONE_PARENT | CLONE_FILES | SIGCHLD));
  report("clone3", clone3_by(CLONE_PARENT, 0));
#ifdef __x86_64__
  report("i386 clone", in_child([] { return ended(call_of_i386(clone_of_i386, CLONE_PARENT, 0)); }));
  clone_args* none = nullptr;
  report("i386 clone3", in_child([none] { return call_of_i386(clone3_of_i386, reinterpret_cast<long>(none), 88); }));
#endif
  report("a child of its own", clone_by(SIGCHLD));
  make_thread();
  return 0;
}

int open_vsock(int, Words) {
  report_open("socket", socket(AF_VSOCK, SOCK_STREAM, 0));
  report_open("socket of a wide family",
              static_cast<int>(syscall(SYS_socket, uint64_t{1} << 32 | AF_VSOCK, SOCK_STREAM, 0)));
#ifdef __x86_64__
  report("i386 socket", in_child([] { return call_of_i386(socket_of_i386, AF_VSOCK, SOCK_STREAM); }));
  report("i386 socket of the pod", in_child([] { return call_of_i386(socket_of_i386, AF_UNIX, SOCK_STREAM); }));
#endif
  report_open("socket of the pod", socket(AF_UNIX, SOCK_STREAM, 0));
  return 0;
}

int fill_terminals(int, Words) {
  int count = 0;
  while (open("/dev/ptmx", O_RDWR | O_NOCTTY) >= 0) ++count;
  const int reason = errno;
  printf("terminals: %d\nanother: %s\n", count, strerrorname_np(reason));
  return 0;
}

}  // namespace podrun::probe
