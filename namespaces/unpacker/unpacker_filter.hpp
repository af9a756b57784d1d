// The system calls that an unpacker may make once it is confined: to read its blob, and to make files in its folder. It
// makes no process and no socket, signals nobody, mounts nothing, makes no device but a whiteout, and makes no memory
// executable. libc alone.
#pragma once

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "namespaces/helper/call_filter.hpp"

namespace podrun::unpacker {

/// Calls without a condition. Not one of them names another process.
inline constexpr long calls[] = {
    // a file of a layer takes these
    SYS_read, SYS_openat, SYS_pwrite64, SYS_fchown, SYS_utimensat, SYS_close,
    // the others
    SYS_openat2, SYS_fchmod, SYS_fchownat, SYS_fchmodat, SYS_mkdirat, SYS_symlinkat, SYS_linkat, SYS_unlinkat,
    SYS_ftruncate, SYS_fsetxattr, SYS_fstat, SYS_newfstatat, SYS_write,
    // the sum of what was made
    SYS_getdents64, SYS_statx, SYS_readlinkat, SYS_flistxattr, SYS_fgetxattr, SYS_lseek,
    // memory
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex,
    // its own
    SYS_restart_syscall, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_exit, SYS_exit_group};

inline constexpr helper::CallRule rules[] = {
    {SYS_mknodat, {2, S_IFMT, S_IFIFO, S_IFCHR}, {3, ~0U, 0}},
    {SYS_mmap, {2, PROT_EXEC, 0}},
    {SYS_mprotect, {2, PROT_EXEC, 0}},
};

inline constexpr auto filter = helper::allow_calls(calls, rules);

}  // namespace podrun::unpacker
