// A directory that is used by its descriptor.
#include "namespaces/paths/directory_handle.hpp"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/walk_tree.hpp"

namespace podrun::ns {
namespace {

constexpr std::uint64_t strictly = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;

Result<Fd> open_root(const std::string& root) {
  Fd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return fail_system(root);
  return fd;
}

Result<Fd> open_below(int directory, const std::string& name, const std::string& path) {
  Fd fd(sys::openat2(directory, name.empty() ? "." : name.c_str(), O_RDONLY | O_DIRECTORY, strictly));
  if (!fd && errno == ELOOP) return fail(path + ": a link is on this path, and is not followed", ELOOP);
  if (!fd) return fail_system(path);
  return fd;
}

/// mkdirat(2) with exactly that mode. The mode is not set by fchmod(2) afterwards, because another directory may have
/// the name by then.
bool make_one(int directory, const char* name, mode_t mode) {
  const mode_t before = ::umask(0);
  const bool made = ::mkdirat(directory, name, mode) == 0 || errno == EEXIST;
  ::umask(before);
  return made;
}

}  // namespace

Result<> DirectoryHandle::open() {
  const Fd root = TRY(open_root(root_));
  fd_ = TRY(open_below(root.get(), below_, path()));
  return {};
}

Result<> DirectoryHandle::make() {
  const Result<> opened = open();
  if (opened || opened.error().number != ENOENT) return opened;
  TRY_VOID(make_directories(root_, 0755));
  Fd here = TRY(open_root(root_));
  mode_t mode = 0755;
  for (std::string_view left = below_; !left.empty(); mode = 0750) {
    const std::string name(left.substr(0, left.find('/')));
    left.remove_prefix(std::min(name.size() + 1, left.size()));
    if (!make_one(here.get(), name.c_str(), left.empty() ? 0750 : mode)) return fail_system(path());
    here = TRY(open_below(here.get(), name, path()));
  }
  fd_ = TRY(open_below(here.get(), "", path()));
  return {};
}

DirectoryHandle DirectoryHandle::below(std::string_view name) const {
  return {root_, below_.empty() ? std::string(name) : fmt::format("{}/{}", below_, name)};
}

Result<Fd> DirectoryHandle::lock() const {
  Fd own(::openat(fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (own && ::flock(own.get(), LOCK_EX) < 0)
    if (errno != EINTR) return fail_system(path());
  if (!own) return fail_system(path());
  return own;
}

std::vector<std::string> DirectoryHandle::names() const {
  return names_in(Fd(fd_ ? ::openat(fd_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1));
}

Result<Fd> DirectoryHandle::open_file(const std::string& name, int flags) const {
  if (!fd_) return fail_system(path_of(name), ENOENT);
  const Fd place(::openat(fd_.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!place || ::fstat(place.get(), &status) < 0) return fail_system(path_of(name));
  if (!S_ISREG(status.st_mode)) return fail(path_of(name) + ": not a regular file", EINVAL);
  Fd file(::open(fmt::format("/proc/self/fd/{}", place.get()).c_str(), flags | O_CLOEXEC));
  if (!file) return fail_system(path_of(name));
  return file;
}

Result<Fd> DirectoryHandle::create_file(const std::string& name, mode_t mode) const {
  if (!fd_) return fail_system(path_of(name), ENOENT);
  constexpr int tries = 10;  // another process may make one in between
  for (int attempt = 0; attempt < tries; ++attempt) {
    Fd file(::openat(fd_.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (file && ::fchmod(file.get(), mode) == 0) return file;
    if (file || errno != EEXIST) return fail_system(path_of(name));
    if (::unlinkat(fd_.get(), name.c_str(), 0) < 0 && errno != ENOENT) return fail_system(path_of(name));
  }
  return fail_system(path_of(name), EEXIST);
}

Result<Fd> DirectoryHandle::append_to(const std::string& name, mode_t mode) const {
  auto there = open_file(name, O_WRONLY | O_APPEND);
  if (there || there.error().number != ENOENT || !fd_) return there;
  Fd file(::openat(fd_.get(), name.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file || ::fchmod(file.get(), mode) < 0) return fail_system(path_of(name));
  return file;
}

Result<std::string> DirectoryHandle::read_file(const std::string& name, std::size_t limit) const {
  const Fd file = TRY(open_file(name));
  return read_all(file.get(), path_of(name), limit);
}

Result<> DirectoryHandle::write_file(const std::string& name, std::string_view content, mode_t mode) const {
  const std::string temporary = name + ".new";
  const Fd file = TRY(create_file(temporary, mode));
  Result<> written = write_all(file.get(), content, path_of(temporary));
  if (written && ::renameat(fd_.get(), temporary.c_str(), fd_.get(), name.c_str()) < 0)
    written = fail_system(path_of(name));
  // On a full disk the empty file would stay.
  if (!written) ::unlinkat(fd_.get(), temporary.c_str(), 0);
  return written;
}

}  // namespace podrun::ns
