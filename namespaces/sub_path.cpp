// A part of a volume, opened so that nothing in the volume can lead out of it.
#include "namespaces/sub_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "namespaces/target.hpp"

namespace podrun::ns {
namespace {

/// A directory like the volume's own in `parent`. Where somebody else makes it meanwhile, his stays.
Result<> make_directory(int volume, int parent, const std::string& name) {
  struct stat own{};
  if (::fstat(volume, &own) < 0) return fail_system("volume");
  if (::mkdirat(parent, name.c_str(), 0700) < 0) return errno == EEXIST ? Result<>{} : fail_system(name);
  // By a descriptor: who can write in the volume may have put something else there.
  const Fd made(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made) return fail_system(name);
  if (::fchown(made.get(), own.st_uid, own.st_gid) < 0 || ::fchmod(made.get(), own.st_mode & 07777) < 0)
    return fail_system(name);
  return {};
}

Result<Fd> opened(int volume, const std::string& path) {
  Fd fd(open_inside(volume, path.c_str(), O_PATH));
  if (!fd) return fail_system(path);
  return fd;
}

}  // namespace

Result<Fd> open_sub_path(int volume, const std::string& path, bool make) {
  auto there = opened(volume, path);
  if (there || there.error().number != ENOENT || !make) return there;
  std::string prefix = ".";
  Fd parent = TRY(opened(volume, prefix));
  for (std::string_view rest = path; !rest.empty();) {
    const std::string name(rest.substr(0, rest.find('/')));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (name.empty() || name == ".") continue;
    prefix += "/" + name;
    auto next = opened(volume, prefix);
    if (!next && next.error().number == ENOENT) {
      TRY_VOID(make_directory(volume, parent.get(), name));
      next = opened(volume, prefix);
      if (!next && next.error().number == ENOENT) return fail_system(prefix + ": a link", ELOOP);
    }
    parent = TRY(std::move(next));
  }
  return parent;
}

}  // namespace podrun::ns
