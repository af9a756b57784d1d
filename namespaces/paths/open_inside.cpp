// Opens a path of a container or volume as the container itself would follow it.
#include "namespaces/paths/open_inside.hpp"

#include <cerrno>
#include <cstdint>

#include "namespaces/kernel/syscalls.hpp"

namespace podrun::ns {
namespace {

constexpr int most_attempts = 10000;

}  // namespace

int open_inside(int root, const char* path, int flags) noexcept {
  // EAGAIN: a rename or a mount somewhere on the machine happened meanwhile, so that the kernel cannot be sure of a
  // "..".
  int fd = -1;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    fd = sys::openat2(root, path, static_cast<std::uint64_t>(flags), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  return fd;
}

}  // namespace podrun::ns
