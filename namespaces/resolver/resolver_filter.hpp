// The system calls that a resolver may make once it is confined: those of a server with its program in memory, and the
// reading of files in one folder. It makes no process, signals nobody, binds no socket, and makes no memory executable.
// libc alone.
#pragma once

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "namespaces/helper/call_filter.hpp"
#include "namespaces/resolver/resolver_start.hpp"

namespace podrun::resolver {

/// Calls without a condition. Not one of them names another process.
inline constexpr long calls[] = {
    SYS_read, SYS_recvfrom, SYS_sendto, SYS_close, SYS_connect, SYS_accept4,
    // waiting
    SYS_epoll_ctl, SYS_epoll_pwait2, SYS_restart_syscall, SYS_futex,
    // the folder
    SYS_fstat, SYS_newfstatat, SYS_getdents64, SYS_lseek,
    // memory and time
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_clock_gettime, SYS_getrandom,
    // its own
    SYS_getpid, SYS_gettid, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_exit, SYS_exit_group};

inline constexpr uint32_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;

inline constexpr helper::CallRule rules[] = {
    {SYS_openat, {0, ~0U, folder_fd}, {2, writing, 0}},
    {SYS_socket, {0, ~0U, AF_INET, AF_INET6}},
    {SYS_ioctl, {1, ~0U, SIOCGIFINDEX}},
    {SYS_mmap, {2, PROT_EXEC, 0}},
    {SYS_mprotect, {2, PROT_EXEC, 0}},
};

inline constexpr auto filter = helper::allow_calls(calls, rules);

}  // namespace podrun::resolver
