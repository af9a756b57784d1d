// The folder in which entries are made.
#include "namespaces/unpacker/layer_folder.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/unpacker/entry_name.hpp"

namespace podrun::unpacker {
namespace {

constexpr std::uint64_t without_links =
    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;

Result<> set_time(int folder, const timespec& modified) {
  const timespec times[] = {modified, modified};
  if (::futimens(folder, times) < 0) return fail_system("a folder's time");
  return {};
}

}  // namespace

Result<> make_opaque(int folder) {
  if (::fsetxattr(folder, "user.overlay.opaque", "y", 1, 0) < 0)
    return fail_system("the attribute user.overlay.opaque of a folder");
  return {};
}

Fd LayerFolder::open_below(const std::string& path, unsigned long flags) const {
  return Fd(ns::sys::openat2(root_, path.empty() ? "." : path.c_str(), flags | O_DIRECTORY, without_links));
}

Result<> LayerFolder::become(Fd folder, std::string path) {
  struct stat status {};
  if (::fstat(folder.get(), &status) < 0) return fail_system("a folder");
  fd_ = std::move(folder);
  path_ = std::move(path);
  time_ = status.st_mtim;
  return {};
}

Result<> LayerFolder::leave() {
  if (!fd_) return {};
  TRY_VOID(set_time(fd_.get(), time_));
  fd_.reset();
  return {};
}

Result<> LayerFolder::enter(const std::string& path, const timespec& modified) {
  if (fd_ && path == path_) return {};
  TRY_VOID(leave());
  if (Fd folder = open_below(path, O_RDONLY)) return become(std::move(folder), path);
  if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) return fail_system("its folder");
  return enter_part_by_part(path, modified);
}

Result<> LayerFolder::enter_part_by_part(const std::string& path, const timespec& modified) {
  TRY_VOID(become(open_below("", O_RDONLY), ""));
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string name = path.substr(begin, end - begin), there = path.substr(0, end);
    struct stat status {};
    const bool exists = TRY(look_at(name, status));
    if (exists && !S_ISDIR(status.st_mode) && !is_whiteout(status))
      return fail("it would be in " + name_in_message(there) + ", which is " +
                  (S_ISLNK(status.st_mode) ? "a link" : "no folder") + " in this layer");
    const bool is_missing = !exists || !S_ISDIR(status.st_mode);
    if (is_missing) TRY_VOID(make_folder(name));
    Fd folder(ns::sys::openat2(fd(), name.c_str(), O_RDONLY | O_DIRECTORY, without_links));
    if (!folder) return fail_system("its folder");
    TRY_VOID(leave());
    if (is_missing) {
      ++missing_folders_;
      if (::fchown(folder.get(), 0, 0) < 0 || ::fchmod(folder.get(), 0755) < 0) return fail_system("its folder");
      TRY_VOID(set_time(folder.get(), modified));
    }
    TRY_VOID(become(std::move(folder), there));
    begin = end + 1;
  }
  return {};
}

Result<bool> LayerFolder::look_at(const std::string& name, struct stat& status) const {
  if (::fstatat(fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT) return false;
  return fail_system("what is in its place");
}

Result<> LayerFolder::remove(const std::string& name) {
  if (::unlinkat(fd(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR) return fail_system("what is in its place");
  if (::unlinkat(fd(), name.c_str(), AT_REMOVEDIR) == 0) return {};
  if (errno == ENOTEMPTY) return fail("it would replace a folder of this layer that is not empty");
  return fail_system("the folder in its place");
}

Result<> LayerFolder::make_folder(const std::string& name) {
  if (::mkdirat(fd(), name.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return fail_system("mkdir");
  struct stat status {};
  TRY(look_at(name, status));
  if (S_ISDIR(status.st_mode)) return {};
  TRY_VOID(remove(name));
  if (::mkdirat(fd(), name.c_str(), 0700) < 0) return fail_system("mkdir");
  if (!is_whiteout(status)) return {};
  const Fd folder(::openat(fd(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return fail_system("the folder");
  return make_opaque(folder.get());
}

}  // namespace podrun::unpacker
