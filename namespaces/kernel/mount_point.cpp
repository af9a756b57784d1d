// Whether something is mounted at a path, and unmounting it.
#include "namespaces/kernel/mount_point.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>

namespace podrun::ns {

bool is_mount_point(int directory, const std::string& path) noexcept {
  struct statx status {};
  return ::statx(directory, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) == 0 &&
         (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

int unmount_all(const char* path) noexcept {
  while (::umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {}
  return errno == EINVAL ? 0 : errno;  // EINVAL: nothing is mounted there
}

}  // namespace podrun::ns
