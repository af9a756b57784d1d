// Mount points inside a container's root.
#include "namespaces/target.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "namespaces/syscalls.hpp"

namespace podrun::ns {
namespace {

constexpr int most_links = 16;
constexpr int most_attempts = 10000;

int close_and_fail(int fd, int error) noexcept {
  ::close(fd);
  errno = error;
  return -1;
}

int open_target(int root, const char* path, TargetKind kind, int links) noexcept;

/// `name` in `parent` is a link to nothing: makes what it points to instead. `before` is the path of `parent`.
int follow_dangling(int root, int parent, const char* before, std::size_t before_length, const char* name,
                    const char* rest, TargetKind kind, int links) noexcept {
  char composed[PATH_MAX], target[PATH_MAX];
  const ssize_t length = ::readlinkat(parent, name, target, sizeof target - 1);
  if (length < 0) return -1;
  target[length] = '\0';
  const std::size_t prefix = target[0] == '/' ? 0 : before_length;
  if (prefix + static_cast<std::size_t>(length) + ::strlen(rest) + 3 > sizeof composed) {
    errno = ENAMETOOLONG;
    return -1;
  }
  ::memcpy(composed, before, prefix);
  composed[prefix] = '/';
  ::strcpy(composed + prefix + 1, target);
  ::strcat(composed, "/");
  ::strcat(composed, rest);
  return open_target(root, composed, kind, links + 1);
}

/// Makes the last component of a path whose parent is open.
int make_entry(int parent, const char* name, TargetKind kind) noexcept {
  if (kind == TargetKind::Directory) return ::mkdirat(parent, name, 0755);
  const int file = ::openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  return file < 0 ? -1 : ::close(file);
}

int open_target(int root, const char* path, TargetKind kind, int links) noexcept {
  if (links > most_links) {
    errno = ELOOP;
    return -1;
  }
  char prefix[PATH_MAX] = ".";
  char name[NAME_MAX + 1];
  std::size_t prefix_length = 1;
  int parent = ::openat(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (parent < 0) return -1;
  for (const char* rest = path;;) {
    rest += ::strspn(rest, "/");
    const std::size_t length = ::strcspn(rest, "/");
    if (length == 0) return parent;
    if (length > NAME_MAX || prefix_length + length + 2 > sizeof prefix) return close_and_fail(parent, ENAMETOOLONG);
    ::memcpy(name, rest, length);
    name[length] = '\0';
    const char* after = rest + length + ::strspn(rest + length, "/");
    const TargetKind this_kind = *after != '\0' ? TargetKind::Directory : kind;
    const std::size_t before_length = prefix_length;
    prefix[prefix_length++] = '/';
    ::memcpy(prefix + prefix_length, name, length + 1);
    prefix_length += length;

    int entry = open_inside(root, prefix, O_PATH);
    if (entry < 0 && errno == ENOENT) {
      if (make_entry(parent, name, this_kind) == 0) entry = open_inside(root, prefix, O_PATH);
      else if (errno == EEXIST) {
        entry = follow_dangling(root, parent, prefix, before_length, name, after, kind, links);
        return close_and_fail(parent, errno), entry;
      }
    }
    if (entry < 0) return close_and_fail(parent, errno);
    ::close(parent);
    parent = entry;
    rest = after;
  }
}

}  // namespace

int open_target(int root, const char* path, TargetKind kind) noexcept {
  const int target = open_target(root, path, kind, 0);
  struct stat status;
  if (target < 0 || ::fstat(target, &status) < 0) return target;
  // move_mount(2) would say EINVAL.
  const bool is_directory = S_ISDIR(status.st_mode);
  if (is_directory == (kind == TargetKind::Directory)) return target;
  return close_and_fail(target, is_directory ? EISDIR : ENOTDIR);
}

int open_inside(int root, const char* path, int flags) noexcept {
  // EAGAIN: a rename or a mount somewhere on the machine came between, so that the kernel is not sure of a "..".
  int fd = -1;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    fd = sys::openat2(root, path, static_cast<std::uint64_t>(flags), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  return fd;
}

int open_existing(int root, const char* path) noexcept {
  while (*path == '/') ++path;
  return open_inside(root, *path != '\0' ? path : ".", O_PATH);
}

}  // namespace podrun::ns
