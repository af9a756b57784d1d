// Opens mount points inside a container's root. Where there is a link or something is missing, a walk takes one
// component at a time, by descriptor: so it knows when it enters a volume, and a process that writes there cannot
// redirect what is already open.
#include "namespaces/child/mount_target.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "namespaces/kernel/syscalls.hpp"

namespace podrun::ns {
namespace {

constexpr int most_links = 40;  // path_resolution(7)
constexpr int most_attempts = 10000;

bool fail_with(int error) noexcept {
  errno = error;
  return false;
}

bool close_and_fail(int fd, int error) noexcept {
  ::close(fd);
  return fail_with(error);
}

/// The kind of what a descriptor refers to, and its mount.
struct Entry {
  mode_t mode;
  std::uint64_t mount;
};
bool look(int fd, Entry& entry) noexcept {
  struct statx status;
  if (::statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_MNT_ID, &status) < 0) return false;
  entry = {.mode = status.stx_mode, .mount = status.stx_mnt_id};
  return true;
}

/// What happens if a component is missing.
enum class Missing : std::uint8_t { IsAnError, IsMade };

class Walk {
 public:
  Walk(int root, Missing missing, TargetKind kind) noexcept : root_(root), missing_(missing), kind_(kind) {}
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;
  ~Walk() {
    if (here_ >= 0) ::close(here_);
  }

  /// The descriptor, or -1 with errno.
  int to(const char* path) noexcept {
    if (!walk(path)) return -1;
    const int found = here_;
    here_ = -1;
    return found;
  }

 private:
  bool walk(const char* path) noexcept {
    Entry root;
    if (!look(root_, root)) return false;
    root_mount_ = root.mount;
    if (::strlen(path) >= sizeof rest_) return fail_with(ENAMETOOLONG);
    ::strcpy(rest_, path);
    if (!begin()) return false;
    char name[NAME_MAX + 1];
    while (const std::size_t length = take(name)) {
      if (length > NAME_MAX) return fail_with(ENAMETOOLONG);
      if (!step(name, length)) return false;
    }
    return true;
  }

  bool is_in_volume() const noexcept { return mount_ != root_mount_; }

  /// Makes `fd` the current directory; it is -1, with errno, if it could not be opened.
  bool enter(int fd, std::uint64_t mount) noexcept {
    if (fd < 0) return false;
    if (here_ >= 0) ::close(here_);
    here_ = fd;
    mount_ = mount;
    return true;
  }

  bool begin() noexcept {
    ::strcpy(walked_, ".");
    walked_length_ = 1;
    return enter(::openat(root_, ".", O_PATH | O_DIRECTORY | O_CLOEXEC), root_mount_);
  }

  /// Moves the next component from `rest_` to `name` and returns its length, 0 at the end. A component that is too long
  /// is measured only.
  std::size_t take(char* name) noexcept {
    const std::size_t begin = ::strspn(rest_, "/"), length = ::strcspn(rest_ + begin, "/");
    if (length <= NAME_MAX) {
      ::memcpy(name, rest_ + begin, length);
      name[length] = '\0';
    }
    const std::size_t end = begin + length, after = end + ::strspn(rest_ + end, "/");
    ::memmove(rest_, rest_ + after, ::strlen(rest_ + after) + 1);
    return length;
  }

  bool step(const char* name, std::size_t length) noexcept {
    if (::strcmp(name, ".") == 0) return true;
    if (::strcmp(name, "..") == 0) return go_up();
    const int next = open_or_make(name);
    Entry entry;
    if (next < 0) return false;
    if (!look(next, entry)) return close_and_fail(next, errno);
    if (S_ISLNK(entry.mode)) {
      return follow(next, entry.mount) ? ::close(next) == 0 : close_and_fail(next, errno);
    }
    if (walked_length_ + length + 2 > sizeof walked_) return close_and_fail(next, ENAMETOOLONG);
    walked_[walked_length_++] = '/';
    ::memcpy(walked_ + walked_length_, name, length + 1);
    walked_length_ += length;
    return enter(next, entry.mount);
  }

  /// This does not open "..", because a directory that is moved meanwhile could lead above the root. For the same
  /// reason the way back is not known in a volume.
  bool go_up() noexcept {
    if (is_in_volume()) return fail_with(ELOOP);
    char* const slash = ::strrchr(walked_, '/');
    if (slash == nullptr) return true;  // the root
    *slash = '\0';
    walked_length_ = static_cast<std::size_t>(slash - walked_);
    const std::uint64_t resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
    return enter(sys::openat2(root_, walked_, O_PATH | O_DIRECTORY, resolve), root_mount_);
  }

  /// Opens the entry `name`; a link is opened itself.
  int open_or_make(const char* name) const noexcept {
    int entry = -1;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
      entry = sys::openat2(here_, name, O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
      if (entry >= 0 || errno != ENOENT || missing_ == Missing::IsAnError) break;
      // EEXIST: another process was faster. What it has made is checked like everything else.
      const bool is_last = rest_[0] == '\0';
      const int made = is_last && kind_ == TargetKind::File ? ::mknodat(here_, name, S_IFREG | 0644, 0)
                                                            : ::mkdirat(here_, name, 0755);
      if (made < 0 && errno != EEXIST) break;
    }
    return entry;
  }

  /// Puts the target of the link before the rest of the path.
  bool follow(int link, std::uint64_t mount) noexcept {
    struct statfs file_system;
    if (mount != root_mount_ || ++links_ >= most_links) return fail_with(ELOOP);
    if (::fstatfs(link, &file_system) < 0) return false;
    if (file_system.f_type == PROC_SUPER_MAGIC) return fail_with(ELOOP);
    char target[PATH_MAX];
    const ssize_t length = ::readlinkat(link, "", target, sizeof target);
    if (length < 0) return false;
    const std::size_t shift = static_cast<std::size_t>(length) + 1, rest = ::strlen(rest_) + 1;
    if (shift + rest > sizeof rest_) return fail_with(ENAMETOOLONG);
    ::memmove(rest_ + shift, rest_, rest);
    ::memcpy(rest_, target, shift - 1);
    rest_[shift - 1] = '/';
    return target[0] != '/' || begin();
  }

  const int root_;
  const Missing missing_;
  const TargetKind kind_;
  std::uint64_t root_mount_ = 0;
  std::uint64_t mount_ = 0;  ///< that of `here_`
  int here_ = -1;
  int links_ = 0;
  char rest_[PATH_MAX];    ///< what is still to be walked
  char walked_[PATH_MAX];  ///< from the root to `here_`, without links: "./etc/ssl"
  std::size_t walked_length_ = 0;
};

/// Opens in one call what exists and is reached without any link and "..", which is what the walk would open as well.
/// If it returns -1, the walk finds out why.
int open_without_walk(int root, const char* path, std::uint64_t flags) noexcept {
  if (::strstr(path, "..") != nullptr) return -1;
  return sys::openat2(root, path, O_PATH | flags, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
}

}  // namespace

int open_target(int root, const char* path, TargetKind kind) noexcept {
  int target = open_without_walk(root, path, kind == TargetKind::Directory ? O_DIRECTORY : 0);
  if (target >= 0 && kind == TargetKind::Directory) return target;
  if (target < 0) target = Walk(root, Missing::IsMade, kind).to(path);
  struct stat status;
  if (target < 0 || ::fstat(target, &status) < 0) return target;
  // move_mount(2) would fail with EINVAL.
  const bool is_directory = S_ISDIR(status.st_mode);
  if (is_directory == (kind == TargetKind::Directory)) return target;
  close_and_fail(target, is_directory ? EISDIR : ENOTDIR);
  return -1;
}

int open_existing(int root, const char* path) noexcept {
  if (const int existing = open_without_walk(root, path, 0); existing >= 0) return existing;
  return Walk(root, Missing::IsAnError, TargetKind::Directory).to(path);
}

}  // namespace podrun::ns
