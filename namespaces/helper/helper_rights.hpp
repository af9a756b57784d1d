// The rights that a helper process of podrun keeps, which are next to none. The pod's init and the monitors of exec use
// this header; it uses libc alone and no heap.
//
// A container can reach a helper: the init is in the PID namespace that containers share, and a process with
// CAP_SYS_PTRACE there can make it do anything. So a helper must have no right that could be taken from it.
#pragma once

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "namespaces/helper/process_steps.hpp"

namespace podrun::helper {

/// The user and group of helpers. No other process has this number: it is outside the ranges that distributions,
/// systemd and subordinate ids use (https://systemd.io/UIDS-GIDS), and it is not the number of the user nobody, which
/// other programs use.
inline constexpr uint32_t id = 2'147'000'001;

#if defined(__x86_64__)
inline constexpr uint32_t native_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
inline constexpr uint32_t native_architecture = AUDIT_ARCH_AARCH64;
#endif

/// A filter of system calls, seccomp(2): the listed calls are allowed, every other call fails with EPERM.
template <size_t Count>
struct AllowList {
  sock_filter instructions[2 * Count + 5];
};

/// Makes the filter. `calls` are SYS_… numbers.
template <size_t Count>
constexpr AllowList<Count> allow_only(const long (&calls)[Count]) {
  AllowList<Count> list{};
  size_t at = 0;
  list.instructions[at++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  list.instructions[at++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, native_architecture, 1, 0);
  list.instructions[at++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  list.instructions[at++] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (const long call : calls) {
    list.instructions[at++] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1);
    list.instructions[at++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  list.instructions[at++] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  return list;
}

/// Empties the bounding set. Returns 0 or an errno.
inline int drop_bounding_set() {
  for (unsigned long capability = 0; capability < 64; ++capability)
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) return errno == EINVAL && capability > 0 ? 0 : errno;
  return 0;
}

/// Takes every right from the calling process but those given. The working directory, which must be empty and
/// read-only, becomes the root. The user and group become `user`. The capabilities `keep` (bits by number)
/// stay, with no way to more: the bounding set is empty and no_new_privs is set. The process is not dumpable, gets the
/// signal `with_parent` (0: none) when its parent dies, and may make only the system calls in `allowed`. Returns 0 or
/// an errno; after an error the helper must end.
template <typename Filter>
int confine(uint64_t keep, int with_parent, const Filter& allowed, uint32_t user = id) {
  if (chroot(".") < 0) return errno;
  if (const int error = drop_bounding_set()) return error;
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) return errno;
  if (const int error = set_ids(user, user, nullptr, 0)) return error;
  if (const int error = set_capabilities(keep)) return error;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return errno;
  // A change of ids clears the parent-death signal, so it is set after them.
  if (prctl(PR_SET_PDEATHSIG, with_parent, 0, 0, 0) < 0) return errno;
  const sock_fprog program = {sizeof allowed.instructions / sizeof *allowed.instructions,
                              const_cast<sock_filter*>(allowed.instructions)};
  return load_filter(program);
}

}  // namespace podrun::helper
