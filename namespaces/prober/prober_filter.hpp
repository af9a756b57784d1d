// The system calls that a prober may make once it is confined: those of an HTTP client that has its program and its
// libraries in memory. It opens no file, makes no process, signals nobody, and makes no memory executable. libc alone.
#pragma once

#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "namespaces/helper/helper_rights.hpp"

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

/// A call with a condition: `argument & mask` is one of `values`.
struct Rule {
  long call;
  unsigned argument;
  uint32_t mask;
  uint32_t values[4];
};

/// Unix sockets are left out: an abstract one of a container could be reached by name. F_SETOWN would signal others.
inline constexpr Rule rules[] = {
    {SYS_socket, 0, ~0U, {AF_INET, AF_INET6, AF_INET, AF_INET}},
    {SYS_fcntl, 1, ~0U, {F_GETFD, F_SETFD, F_GETFL, F_SETFL}},
    {SYS_ioctl, 1, ~0U, {FIONBIO, FIONREAD, FIONBIO, FIONBIO}},
    {SYS_mmap, 2, PROT_EXEC, {0, 0, 0, 0}},
    {SYS_mprotect, 2, PROT_EXEC, {0, 0, 0, 0}},
};

inline constexpr size_t rule_length = 9;
inline constexpr size_t filter_length =
    5 + 2 * (sizeof calls / sizeof *calls) + rule_length * (sizeof rules / sizeof *rules);

/// A filter for seccomp(2).
struct ProberFilter {
  sock_filter instructions[filter_length];
};

/// Every call that is not allowed fails with EPERM, so that a library that tries one goes on without.
constexpr ProberFilter make_prober_filter() {
  ProberFilter filter{};
  size_t at = 0;
  const auto add = [&](sock_filter instruction) { filter.instructions[at++] = instruction; };
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, helper::native_architecture, 1, 0));
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const long call : calls) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  for (const Rule& rule : rules) {
    // The low half of the argument: the kernel takes an int of each.
    const auto place = static_cast<uint32_t>(offsetof(seccomp_data, args) + 8 * rule.argument);
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(rule.call), 0, rule_length - 1));
    add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, place));
    add(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule.mask));
    for (unsigned char i = 0; i < 4; ++i)
      add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule.values[i], static_cast<unsigned char>(4 - i), 0));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  return filter;
}

}  // namespace podrun::prober
