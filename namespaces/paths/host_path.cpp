// Paths on the host that a manifest names.
#include "namespaces/paths/host_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <optional>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "pod/text/paths.hpp"

namespace podrun::ns {
namespace {

constexpr int most_links = 40;  // path_resolution(7)

Fd open_without_links(int directory, const std::string& path, int flags) {
  return Fd(sys::openat2(directory, path.c_str(), static_cast<std::uint64_t>(flags), RESOLVE_NO_SYMLINKS));
}

/// Takes the next component from the path.
std::string take(std::string& rest) {
  rest.erase(0, std::min(rest.find_first_not_of('/'), rest.size()));
  std::string name = rest.substr(0, rest.find('/'));
  rest.erase(0, name.size());
  return name;
}

std::optional<std::uint64_t> mount_of(int fd) {
  struct statx status{};
  if (::statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &status) < 0) return std::nullopt;
  return status.stx_mnt_id;
}

class Resolution {
 public:
  Resolution(const std::string& path, const std::vector<WritablePlace>& writable)
      : path_(path), writable_(writable), rest_(path) {}

  Result<std::string> run() {
    if (!restart_at("")) return path_;
    for (std::string name = take(rest_); !name.empty(); name = take(rest_)) {
      if (name == ".") continue;
      if (name == "..") {
        if (!restart_at(walked_.substr(0, std::min(walked_.rfind('/'), walked_.size())))) return path_;
        continue;
      }
      Fd next = open_without_links(here_.get(), name, O_PATH | O_NOFOLLOW);
      struct stat status{};
      // The rest of the path cannot be followed. The step that uses it reports the reason.
      if (!next || ::fstat(next.get(), &status) < 0) return pod::clean_path(walked_ + "/" + name + rest_);
      if (!S_ISLNK(status.st_mode)) {
        here_ = std::move(next);
        walked_ += "/" + name;
      } else if (!TRY(follow(next, walked_ + "/" + name))) {
        return path_;
      }
    }
    return walked_.empty() ? "/" : walked_;
  }

 private:
  bool restart_at(const std::string& directory) {
    walked_ = directory;
    here_ = open_without_links(AT_FDCWD, walked_.empty() ? "/" : walked_, O_PATH | O_DIRECTORY);
    return static_cast<bool>(here_);
  }

  /// False if the link cannot be followed.
  Result<bool> follow(const Fd& link, const std::string& name) {
    for (const WritablePlace& place : writable_)
      if (holds(place, link))
        return fail(fmt::format("{} is a symbolic link in {}, which containers can write: it is not followed", name,
                                place.label),
                    ELOOP);
    char target[PATH_MAX];
    const ssize_t length = ::readlinkat(link.get(), "", target, sizeof target);
    if (length <= 0 || ++links_ > most_links) return false;
    rest_ = std::string(target, static_cast<std::size_t>(length)) + "/" + rest_;
    return target[0] != '/' || restart_at("");
  }

  bool holds(const WritablePlace& place, const Fd& link) const {
    if (!pod::is_at_or_below(walked_.empty() ? "/" : walked_, place.path)) return false;
    if (!place.only_below) return true;
    const Fd top = open_without_links(AT_FDCWD, place.path, O_PATH);
    return !top || mount_of(top.get()) != mount_of(link.get());
  }

  const std::string& path_;
  const std::vector<WritablePlace>& writable_;
  std::string rest_;    ///< what is still to be walked
  std::string walked_;  ///< what has been walked, without links: "/srv/data"; "" is the root
  Fd here_;             ///< the directory there
  int links_ = 0;
};

/// Opens a directory, and makes it if it is missing. If another process makes something of that name meanwhile, that is
/// kept, unless it is a link.
Result<Fd> enter(const Fd& parent, const std::string& name, const std::string& path) {
  const bool is_made = ::mkdirat(parent.get(), name.c_str(), 0755) == 0;
  if (!is_made && errno != EEXIST) return fail_system(path);
  Fd directory = open_without_links(parent.get(), name, is_made ? O_RDONLY | O_DIRECTORY : O_PATH | O_DIRECTORY);
  if (!directory || (is_made && ::fchmod(directory.get(), 0755) < 0)) return fail_system(path);
  return directory;
}

}  // namespace

Result<std::string> resolve_host_path(const std::string& path, const std::vector<WritablePlace>& writable) {
  // Most exist and have no link: one call instead of three for each component.
  if (path.starts_with('/') && !path.contains("..") && open_without_links(AT_FDCWD, path, O_PATH))
    return pod::clean_path(path);
  return Resolution(path, writable).run();
}

Result<Fd> open_resolved(const std::string& path, std::uint64_t flags) {
  Fd place(sys::openat2(AT_FDCWD, path.c_str(), flags, RESOLVE_NO_SYMLINKS));
  if (!place && errno == ELOOP) return fail(path + ": a link has taken its place since the pod's start", ELOOP);
  if (!place) return fail_system(path);
  return place;
}

Result<> make_host_directories(const std::string& path) {
  Fd here = open_without_links(AT_FDCWD, "/", O_PATH | O_DIRECTORY);
  if (!here) return fail_system("/");
  std::string rest = path;
  for (std::string name = take(rest); !name.empty(); name = take(rest)) here = TRY(enter(here, name, path));
  return {};
}

Result<> make_host_file(const std::string& path) {
  const Fd file(sys::openat2(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_EXCL, RESOLVE_NO_SYMLINKS, 0644));
  if (!file && errno != EEXIST) return fail_system(path);
  if (file && ::fchmod(file.get(), 0644) < 0) return fail_system(path);
  return {};
}

}  // namespace podrun::ns
