// System calls that glibc 2.36 has no wrapper for, or only in a header that C++ cannot include. Each returns what the
// kernel returns, with errno set. None allocates, so that a child may use them between clone3(2) and execve(2).
#pragma once

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace podrun::ns::sys {

/// fsopen(2), close-on-exec.
inline int fsopen(const char* type) noexcept {
  return static_cast<int>(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
}
/// fsconfig(2): sets "key=value".
inline int fsconfig_string(int fs, const char* key, const char* value) noexcept {
  return static_cast<int>(::syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0));
}
/// fsconfig(2): sets a flag.
inline int fsconfig_flag(int fs, const char* key) noexcept {
  return static_cast<int>(::syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, key, nullptr, 0));
}
/// fsconfig(2): makes the superblock.
inline int fsconfig_create(int fs) noexcept {
  return static_cast<int>(::syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
}
/// fsmount(2): a detached mount, close-on-exec. `attributes` are MOUNT_ATTR_….
inline int fsmount(int fs, unsigned attributes) noexcept {
  return static_cast<int>(::syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes));
}
/// open_tree(2), close-on-exec.
inline int open_tree(int directory, const char* path, unsigned flags) noexcept {
  return static_cast<int>(::syscall(SYS_open_tree, directory, path, flags | OPEN_TREE_CLOEXEC));
}
/// move_mount(2) from descriptor to descriptor. It walks no path, so no link can redirect it.
inline int move_mount(int tree, int target) noexcept {
  return static_cast<int>(::syscall(SYS_move_mount, tree, "", target, "",
                                    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}
/// mount_setattr(2) on the mount behind a descriptor.
inline int mount_setattr(int tree, unsigned flags, const mount_attr& attributes) noexcept {
  return static_cast<int>(
      ::syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | flags, &attributes, sizeof attributes));
}
/// openat2(2), close-on-exec.
inline int openat2(int directory, const char* path, std::uint64_t flags, std::uint64_t resolve,
                   std::uint64_t mode = 0) noexcept {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = mode;
  how.resolve = resolve;
  return static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how));
}
/// pidfd_open(2); always close-on-exec.
inline int pidfd_open(pid_t pid) noexcept { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
/// clone3(2) with fork semantics: returns twice.
inline pid_t clone3(clone_args& arguments) noexcept {
  return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

}  // namespace podrun::ns::sys
