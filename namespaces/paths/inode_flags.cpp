// Flags that keep even root from removing a file.
#include "namespaces/paths/inode_flags.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

#include "namespaces/kernel/fd.hpp"

namespace podrun::ns {
namespace {

/// The argument of file_getattr(2) and file_setattr(2), declared in linux/fs.h since Linux 6.17: from that version on
/// FIFOs, sockets, devices and links have flags too.
struct FileAttributes {
  std::uint64_t flags = 0;
  std::uint32_t extent_size = 0, extents = 0, project = 0, copied_extent_size = 0;
};
constexpr long file_getattr = 468, file_setattr = 469;  // the same on every architecture

bool clear_special(int directory, const char* name) noexcept {
  FileAttributes attributes;
  if (::syscall(file_getattr, directory, name, &attributes, sizeof attributes, AT_SYMLINK_NOFOLLOW) < 0) return false;
  constexpr std::uint64_t protecting = FS_XFLAG_IMMUTABLE | FS_XFLAG_APPEND;
  if ((attributes.flags & protecting) == 0) return false;
  attributes.flags &= ~protecting;
  return ::syscall(file_setattr, directory, name, &attributes, sizeof attributes, AT_SYMLINK_NOFOLLOW) == 0;
}

}  // namespace

bool clear_protection(int file) noexcept {
  int flags = 0;
  if (::ioctl(file, FS_IOC_GETFLAGS, &flags) < 0 || (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) == 0) return false;
  flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
  return ::ioctl(file, FS_IOC_SETFLAGS, &flags) == 0;
}

bool clear_protection(int directory, const char* name) noexcept {
  const Fd place(::openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!place || ::fstat(place.get(), &status) < 0) return false;
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return clear_special(directory, name);
  char path[32];
  (void)std::snprintf(path, sizeof path, "/proc/self/fd/%d", place.get());
  const Fd file(::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  return file && clear_protection(file.get());
}

void make_writable_subvolume(int directory, unsigned long long inode) noexcept {
  if (inode != BTRFS_FIRST_FREE_OBJECTID) return;  // the inode number of every subvolume's root
  std::uint64_t flags = 0;
  if (::ioctl(directory, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0 || (flags & BTRFS_SUBVOL_RDONLY) == 0) return;
  flags &= ~BTRFS_SUBVOL_RDONLY;
  ::ioctl(directory, BTRFS_IOC_SUBVOL_SETFLAGS, &flags);
}

}  // namespace podrun::ns
