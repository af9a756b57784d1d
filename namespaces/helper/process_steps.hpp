// Steps that a process takes on itself on its way to another program: shared by podrun-entry, by the containers' own
// processes and by the helper processes. Each returns 0 or an errno. libc alone, no heap.
#pragma once

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace podrun::helper {

/// Drops every capability up to `last_capability` that is not in `keep` (bits by number) from the bounding set, and
/// sets PR_SET_KEEPCAPS, so that the permitted set survives the change of ids.
inline int bound_capabilities(uint64_t keep, unsigned last_capability) noexcept {
  for (unsigned capability = 0; capability <= last_capability; ++capability)
    if (!(keep >> capability & 1) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) return errno;
  return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? errno : 0;
}

/// Makes `keep` (bits by number) the effective and the permitted set, and empties the inheritable one. capset(2).
inline int set_capabilities(uint64_t keep) noexcept {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const auto low = static_cast<uint32_t>(keep), high = static_cast<uint32_t>(keep >> 32);
  const __user_cap_data_struct data[2] = {{low, low, 0}, {high, high, 0}};
  return syscall(SYS_capset, &header, data) < 0 ? errno : 0;
}

/// Sets the supplementary groups, then the group, then the user. These are the raw calls: a libc's wrappers would look
/// for other threads to change as well.
inline int set_ids(uint32_t uid, uint32_t gid, const uint32_t* groups, size_t group_count) noexcept {
  if (syscall(SYS_setgroups, group_count, groups) < 0) return errno;
  if (syscall(SYS_setresgid, gid, gid, gid) < 0) return errno;
  return syscall(SYS_setresuid, uid, uid, uid) < 0 ? errno : 0;
}

/// Loads a filter of system calls, seccomp(2).
inline int load_filter(const sock_fprog& program) noexcept {
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? errno : 0;
}

/// Waits for the one byte that opens the gate. ECANCELED at the end of file: the process that made this one ended
/// before it was registered.
inline int wait_at_gate(int gate) noexcept {
  char opened;
  ssize_t length;
  do length = read(gate, &opened, 1);
  while (length < 0 && errno == EINTR);
  if (length < 0) return errno;
  return length == 1 ? 0 : ECANCELED;
}

}  // namespace podrun::helper
