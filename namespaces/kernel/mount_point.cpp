// Where a mount begins.
#include "namespaces/kernel/mount_point.hpp"

#include <sys/mount.h>

#include <cerrno>

namespace podrun::ns {

int unmount_all(const char* path) noexcept {
  while (::umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {}
  return errno == EINVAL ? 0 : errno;  // EINVAL: nothing is mounted there
}

}  // namespace podrun::ns
