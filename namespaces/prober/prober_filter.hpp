// The system calls that a prober may make once it is confined: those of an HTTP client that has its program and its
// libraries in memory. It opens no file, makes no process, signals nobody, and makes no memory executable. libc alone.
#pragma once

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "namespaces/helper/call_filter.hpp"

namespace podrun::prober {

/// Calls without a condition. Not one of them names another process.
inline constexpr long calls[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_recvfrom, SYS_sendto, SYS_recvmsg, SYS_sendmsg, SYS_close,
    // sockets: it listens to none
    SYS_connect, SYS_getsockname, SYS_getpeername, SYS_setsockopt, SYS_getsockopt, SYS_shutdown,
    // waiting
    SYS_epoll_ctl, SYS_epoll_pwait, SYS_epoll_pwait2, SYS_ppoll, SYS_restart_syscall, SYS_futex, SYS_setitimer,
#if defined(__x86_64__)
    SYS_epoll_wait, SYS_poll, SYS_time,
#endif
    // memory and time
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom,
    // its own
    SYS_getpid, SYS_gettid, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_exit, SYS_exit_group};

/// Unix sockets are left out: an abstract one of a container could be reached by name. F_SETOWN would signal others.
inline constexpr helper::CallRule rules[] = {
    {SYS_socket, {0, ~0U, AF_INET, AF_INET6}},
    {SYS_fcntl, {1, ~0U, F_GETFD, F_SETFD, F_GETFL, F_SETFL}},
    {SYS_ioctl, {1, ~0U, FIONBIO, FIONREAD}},
    {SYS_mmap, {2, PROT_EXEC, 0}},
    {SYS_mprotect, {2, PROT_EXEC, 0}},
};

/// Every call that is not allowed fails with EPERM, so that a library that tries one goes on without.
inline constexpr auto filter = helper::allow_calls(calls, rules);

}  // namespace podrun::prober
