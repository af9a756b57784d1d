// The profile RuntimeDefault: that of containerd 2, contrib/seccomp/seccomp_default.go.
#include <array>
#include <sstream>
#include <utility>

#include "pod/seccomp/seccomp_profile.hpp"
#include "pod/spec/capabilities.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

// clang-format off
constexpr std::string_view always =
    "accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown chown32 "
    "clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 "
    "clock_nanosleep clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 "
    "epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old "
    "eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate "
    "fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync "
    "fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync "
    "ftruncate ftruncate64 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat "
    "getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups "
    "getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid "
    "getresgid32 getresuid getresuid32 getrlimit get_robust_list getrusage getsid getsockname getsockopt "
    "get_thread_area gettid gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch inotify_init "
    "inotify_init1 inotify_rm_watch io_cancel ioctl io_destroy io_getevents io_pgetevents "
    "io_pgetevents_time64 ioprio_get ioprio_set io_setup io_submit ipc kill landlock_add_rule "
    "landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount "
    "listxattr listxattrat llistxattr _llseek lremovexattr lseek lsetxattr lsm_get_self_attr lsm_list_modules "
    "lsm_set_self_attr lstat lstat64 madvise membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod "
    "mknodat mlock mlock2 mlockall map_shadow_stack mmap mmap2 mprotect mq_getsetattr mq_notify mq_open "
    "mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl "
    "msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat _newselect "
    "open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect "
    "poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 "
    "pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom recvmmsg "
    "recvmmsg_time64 recvmsg remap_file_pages removexattr removexattrat rename renameat renameat2 "
    "restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn "
    "rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr "
    "sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler sched_rr_get_interval "
    "sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler "
    "sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile sendfile64 "
    "sendmmsg sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 "
    "setitimer setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid "
    "setreuid32 setrlimit set_robust_list setsid setsockopt set_thread_area set_tid_address setuid setuid32 "
    "setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask "
    "sigreturn socketcall socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat "
    "sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun "
    "timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime "
    "timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask "
    "uname unlink unlinkat uretprobe utime utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid "
    "waitpid write writev";

constexpr std::string_view with_ptrace = "process_vm_readv process_vm_writev ptrace";  // safe since Linux 4.8

/// The calls that are allowed to a container with a capability.
constexpr std::array by_capability{
    std::pair{"DAC_READ_SEARCH"sv, "open_by_handle_at"sv},
    std::pair{"SYS_ADMIN"sv,
              "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr "
              "move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount "
              "umount2 unshare"sv},
    std::pair{"SYS_BOOT"sv, "reboot"sv},
    std::pair{"SYS_CHROOT"sv, "chroot"sv},
    std::pair{"SYS_MODULE"sv, "delete_module init_module finit_module"sv},
    std::pair{"SYS_PACCT"sv, "acct"sv},
    std::pair{"SYS_PTRACE"sv, "kcmp pidfd_getfd process_madvise"sv},
    std::pair{"SYS_RAWIO"sv, "iopl ioperm"sv},
    std::pair{"SYS_TIME"sv, "settimeofday stime clock_settime clock_settime64"sv},
    std::pair{"SYS_TTY_CONFIG"sv, "vhangup"sv},
    std::pair{"SYS_NICE"sv, "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"sv},
    std::pair{"SYSLOG"sv, "syslog"sv},
    std::pair{"BPF"sv, "bpf"sv},
    std::pair{"PERFMON"sv, "perf_event_open"sv},
};
// clang-format on

/// The personalities of Linux itself, and 0xffffffff, which queries the current one: personality(2).
constexpr std::array<std::uint64_t, 5> personalities{0x0, 0x0008, 0x20000, 0x20008, 0xffffffff};

/// The address families that are denied: AF_ALG is the kernel's cryptography, AF_VSOCK connects to the hypervisor.
constexpr std::uint64_t af_alg = 38, af_vsock = 40;

/// Every CLONE_NEW* flag of clone(2) except CLONE_NEWTIME, whose bit is part of the exit signal in clone(2).
constexpr std::uint64_t new_namespaces = 0x7e020000;
constexpr unsigned enosys = 38;

SeccompRule allow(std::string_view names, std::vector<SeccompArgument> arguments = {}) {
  std::istringstream words{std::string(names)};
  SeccompRule rule{.arguments = std::move(arguments)};
  for (std::string name; words >> name;) rule.names.push_back(name);
  return rule;
}

SeccompRule allow_if(std::string_view name, SeccompComparison comparison, std::uint64_t value) {
  return allow(name, {{.index = 0, .comparison = comparison, .value = value}});
}

}  // namespace

SeccompFilter default_seccomp_profile(std::uint64_t capabilities, std::string_view machine) {
  using enum SeccompComparison;
  SeccompFilter profile;
  auto& rules = profile.rules;
  rules = {allow(always), allow(with_ptrace), allow_if("socket", Less, af_alg), allow_if("socket", Equal, af_alg + 1),
           allow_if("socket", Greater, af_vsock)};
  for (const std::uint64_t personality : personalities) rules.push_back(allow_if("personality", Equal, personality));
  profile.architectures = seccomp_architectures(machine);
  if (machine == "x86_64") rules.push_back(allow("arch_prctl modify_ldt"));
  if (machine == "aarch64")
    rules.push_back(allow("arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"));
  for (const auto& [capability, names] : by_capability)
    if (capabilities & capability_bit(capability)) rules.push_back(allow(names));
  if (!(capabilities & capability_bit("SYS_ADMIN"))) {
    rules.push_back(allow("clone", {{.index = 0, .comparison = MaskedEqual, .value = new_namespaces, .value_two = 0}}));
    // A filter cannot see the flags of clone3(2), which are in memory. On ENOSYS libraries fall back to clone(2).
    rules.push_back({.names = {"clone3"}, .action = SeccompAction::Errno, .error = enosys, .arguments = {}});
  }
  return profile;
}

}  // namespace podrun::pod
