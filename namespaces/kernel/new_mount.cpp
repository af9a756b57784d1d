// New file systems as detached mounts.
#include "namespaces/kernel/new_mount.hpp"

#include <unistd.h>

#include <cerrno>

#include "namespaces/kernel/syscalls.hpp"
#include "pod/plan/steps.hpp"

namespace podrun::ns {

int new_mount(const char* type, unsigned attributes, std::span<const MountOption> options) noexcept {
  const int context = sys::fsopen(type);
  if (context < 0) return -1;
  bool good = true;
  for (const auto& [key, value] : options) {
    good = (value != nullptr ? sys::fsconfig_string(context, key, value) : sys::fsconfig_flag(context, key)) == 0;
    if (!good) break;
  }
  const int mount = good && sys::fsconfig_create(context) == 0 ? sys::fsmount(context, attributes) : -1;
  const int error = errno;
  ::close(context);
  errno = error;
  return mount;
}

int new_devpts() noexcept {
  constexpr MountOption options[] = {{"newinstance", nullptr},
                                     {"ptmxmode", "0666"},
                                     {"mode", "0620"},
                                     {"gid", "5"},
                                     {"max", pod::step::most_terminals}};
  return new_mount("devpts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, options);
}

}  // namespace podrun::ns
