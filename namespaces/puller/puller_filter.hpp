// The system calls that a puller, and the skopeo that it becomes, may make: those of a Go program that reads and writes
// files and talks TCP and UDP. libc alone.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "namespaces/helper/call_filter.hpp"

namespace podrun::puller {

/// Calls without a condition. Those that name a process reach only the puller's own PID namespace.
inline constexpr long calls[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_lseek, SYS_close, SYS_close_range,
    // files, by what the mounts and the user allow
    SYS_openat, SYS_openat2, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_faccessat,
    SYS_faccessat2, SYS_readlinkat, SYS_getcwd, SYS_chdir, SYS_fchdir, SYS_getdents64, SYS_mkdirat, SYS_unlinkat,
    SYS_renameat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat,
    SYS_utimensat, SYS_ftruncate, SYS_fallocate, SYS_fsync, SYS_fdatasync, SYS_flock, SYS_fadvise64, SYS_umask,
    SYS_copy_file_range, SYS_sendfile, SYS_splice, SYS_pipe2, SYS_dup, SYS_dup3,
#if defined(__x86_64__)
    SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_mkdir, SYS_unlink, SYS_rmdir, SYS_rename, SYS_pipe,
    SYS_dup2, SYS_chmod, SYS_getdents, SYS_poll, SYS_epoll_wait, SYS_epoll_create, SYS_select, SYS_time, SYS_arch_prctl,
    SYS_getpgrp,
#endif
    // sockets
    SYS_connect, SYS_bind, SYS_getsockname, SYS_getpeername, SYS_setsockopt, SYS_getsockopt, SYS_shutdown,
    SYS_recvfrom, SYS_sendto, SYS_recvmsg, SYS_sendmsg, SYS_recvmmsg, SYS_sendmmsg,
    // waiting
    SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_ppoll, SYS_pselect6, SYS_eventfd2,
    SYS_futex, SYS_nanosleep, SYS_clock_nanosleep, SYS_restart_syscall, SYS_sched_yield, SYS_setitimer, SYS_wait4,
    SYS_waitid,
    // memory
    SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_mincore, SYS_membarrier,
    // its threads, its signals, and what it may know of itself
    SYS_clone3,  // which is_missing() refuses
    SYS_execve, SYS_exit, SYS_exit_group, SYS_set_robust_list, SYS_set_tid_address, SYS_rseq, SYS_gettid, SYS_tgkill,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_getpid, SYS_getppid,
    SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getgroups, SYS_getpgid, SYS_capget, SYS_getrlimit,
    SYS_setrlimit, SYS_prlimit64, SYS_getrusage, SYS_sched_getaffinity, SYS_sysinfo, SYS_uname, SYS_getrandom,
    SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday};

inline constexpr std::uint32_t new_namespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                                CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

/// Unix sockets are left out: an abstract one could be reached by name. So are packets, keys and ciphers.
inline constexpr helper::CallRule rules[] = {
    {SYS_socket, {0, ~0U, AF_INET, AF_INET6, AF_NETLINK}, {1, 0xffU, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW},
     {2, ~0U, 0, IPPROTO_TCP, IPPROTO_UDP}},
    {SYS_clone, {0, new_namespaces, 0}},
    {SYS_fcntl, {1, ~0U, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD, F_DUPFD_CLOEXEC}},
    {SYS_ioctl, {1, ~0U, TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX}},
};

/// Every call that is not allowed fails with EPERM, so that a library that tries one goes on without.
inline constexpr auto filter = helper::allow_calls(calls, rules);

/// A filter that makes one call fail with an errno; it is loaded beside the other.
struct OneCallFilter {
  sock_filter instructions[4];
};
constexpr OneCallFilter refuse(long call, std::uint32_t error) {
  return {{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
           BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1),
           BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
}

/// The flags of clone3(2) are in memory, where no filter sees them: the C library then takes clone(2).
inline constexpr auto no_clone3 = refuse(SYS_clone3, ENOSYS);
/// For tasks that read files alone.
inline constexpr auto no_sockets = refuse(SYS_socket, EPERM);

}  // namespace podrun::puller
