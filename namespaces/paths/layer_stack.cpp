// The directories of an image's layers as one tree.
#include "namespaces/paths/layer_stack.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/host_path.hpp"

namespace podrun::ns {
namespace {

constexpr int most_links = 40;  // path_resolution(7)

/// An overlay's mark for a name that the layers below do not show: a character device 0:0.
bool is_whiteout(const struct stat& status) { return S_ISCHR(status.st_mode) && status.st_rdev == 0; }

/// Whether an overlay does not show what the layers below have in this directory.
bool is_opaque(const Fd& directory) {
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get());
  char value = 0;
  return ::getxattr(path.c_str(), "user.overlay.opaque", &value, 1) == 1 && value == 'y';
}

/// The next component of a path, which is removed from it.
std::string_view take(std::string_view& path) {
  const std::string_view name = path.substr(0, path.find('/'));
  path.remove_prefix(std::min(path.size(), name.size() + 1));
  return name;
}

std::unexpected<Error> system_error(int number) { return fail_system("layer", number); }

Result<std::string> target_of(const Fd& link) {
  char text[PATH_MAX];
  const ssize_t length = ::readlinkat(link.get(), "", text, sizeof text);
  if (length < 0) return system_error(errno);
  if (length == 0 || length == static_cast<ssize_t>(sizeof text)) return system_error(ENAMETOOLONG);
  return std::string(text, static_cast<std::size_t>(length));
}

bool has_type(const Fd& file, mode_t type) {
  struct stat status{};
  return ::fstat(file.get(), &status) == 0 && (status.st_mode & S_IFMT) == type;
}

}  // namespace

Result<LayerStack> LayerStack::open(const std::vector<std::string>& layers) {
  LayerStack root;
  for (const std::string& layer : layers)
    root.parts_.push_back(TRY(open_resolved(layer, O_PATH | O_DIRECTORY)));
  return root;
}

bool LayerStack::is_directory() const { return has_type(front(), S_IFDIR); }

Result<LayerStack> LayerStack::child(std::string_view name) const {
  LayerStack found;
  const std::string single(name);
  for (const Fd& part : parts_) {
    Fd place(sys::openat2(part.get(), single.c_str(), O_PATH | O_NOFOLLOW,
                          RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV));
    if (!place && errno == ENOENT) continue;
    struct stat status{};
    if (!place || ::fstat(place.get(), &status) < 0) return system_error(errno);
    // What is no directory hides what is below, and is itself hidden by a directory above.
    const bool is_last = !S_ISDIR(status.st_mode) || is_opaque(place);
    if (is_whiteout(status)) break;
    if (S_ISDIR(status.st_mode) || found.parts_.empty()) found.parts_.push_back(std::move(place));
    if (is_last) break;
  }
  if (found.parts_.empty()) return system_error(ENOENT);
  return found;
}

Result<LayerStack> LayerStack::find(std::string_view path) const {
  const LayerStack* here = this;
  LayerStack found;
  while (!path.empty()) {
    const std::string_view name = take(path);
    if (name.empty() || name == ".") continue;
    if (has_type(here->front(), S_IFLNK)) return system_error(ELOOP);
    if (!here->is_directory()) return system_error(ENOTDIR);
    found = TRY(here->child(name));
    here = &found;
  }
  if (here == &found) return found;
  for (const Fd& part : parts_) {
    found.parts_.emplace_back(::fcntl(part.get(), F_DUPFD_CLOEXEC, 0));
    if (!found.parts_.back()) return system_error(errno);
  }
  return found;
}

Result<LayerStack> LayerStack::follow(std::string_view path) const {
  // Most paths have neither a link nor "..": a hundred layers are looked at once, not once for each part of the path.
  if (!path.contains("..")) {
    auto plain = find(path);
    if (plain && !has_type(plain->front(), S_IFLNK)) return plain;
    if (!plain && plain.error().number != ELOOP) return plain;
  }
  std::string rest(path), here;  // a path without links, and what is left to walk from it
  for (int links = 0; !rest.empty();) {
    std::string_view left = rest;
    const std::string name(take(left));
    rest = std::string(left);
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      here.resize(here.rfind('/') == here.npos ? 0 : here.rfind('/'));
      continue;
    }
    const std::string next = here.empty() ? name : here + "/" + name;
    const LayerStack there = TRY(find(next));
    if (!has_type(there.front(), S_IFLNK)) {
      here = next;
      continue;
    }
    if (++links > most_links) return system_error(ELOOP);
    const std::string target = TRY(target_of(there.front()));
    if (target.starts_with('/')) here.clear();
    rest = rest.empty() ? target : target + "/" + rest;
  }
  return find(here);
}

}  // namespace podrun::ns
