// Finds images on the host.
#include "namespaces/launch/image_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/open_inside.hpp"
#include "namespaces/paths/regular_file.hpp"

namespace podrun::ns {
namespace {

constexpr std::string_view rootfs_prefix = "rootfs:";
constexpr std::size_t longest_account_file = 1 << 20, longest_config = 1 << 20;

bool is_directory(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Reads a small file inside an image's root; "" if there is none. Links are resolved in the root, as in the container.
Result<std::string> read_inside(const std::string& rootfs, const char* path) {
  Fd root(::open(rootfs.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail_system(rootfs);
  const Fd place(open_inside(root.get(), path, O_PATH));
  if (!place) return std::string{};
  auto text = read_regular(place, longest_account_file);
  if (!text && text.error().number == EINVAL) return std::string{};
  if (!text) return fail(fmt::format("{}/{}: {}", rootfs, path, text.error().message), text.error().number);
  return text;
}

Result<pod::Image> load(const std::string& reference, const std::string& rootfs, const std::string& config) {
  pod::Image image{.reference = reference, .rootfs = rootfs};
  if (!config.empty() && ::access(config.c_str(), F_OK) == 0) {
    auto parsed = pod::parse_image_config(TRY(read_regular_file(config, longest_config)));
    if (!parsed) return fail(config + ": " + parsed.error().message);
    image.config = std::move(*parsed);
  }
  image.passwd = TRY(read_inside(rootfs, "etc/passwd"));
  image.group = TRY(read_inside(rootfs, "etc/group"));
  return image;
}

/// "repository:tag" → "repository/tag". The colon of a tag comes after the last slash; one before it belongs to a port.
std::string folder_of(const std::string& reference) {
  const std::size_t slash = reference.rfind('/'), colon = reference.rfind(':');
  if (colon == std::string::npos || (slash != std::string::npos && colon < slash)) return reference + "/latest";
  return reference.substr(0, colon) + "/" + reference.substr(colon + 1);
}

}  // namespace

Result<pod::Image> find_image(const std::string& reference, const std::vector<std::string>& roots) {
  if (reference.starts_with(rootfs_prefix)) {
    const std::string rootfs = reference.substr(rootfs_prefix.size());
    if (!is_directory(rootfs)) return fail("image " + reference + ": no such directory", ENOENT);
    return load(reference, rootfs, "");
  }
  std::string searched;
  for (const std::string& root : roots) {
    const std::string folder = root + "/" + folder_of(reference);
    if (is_directory(folder + "/rootfs")) return load(reference, folder + "/rootfs", folder + "/config.json");
    searched += "\n  looked for " + folder + "/rootfs";
  }
  return fail("image " + reference + ": not found" + searched, ENOENT);
}

std::vector<pod::ImagePathDirectory> image_path_directories(const std::string& rootfs) {
  std::vector<pod::ImagePathDirectory> way;
  std::size_t end = 0;
  do {
    struct stat status{};
    std::string path = end == 0 ? "/" : rootfs.substr(0, end);
    const bool is_there = ::lstat(path.c_str(), &status) == 0;
    way.push_back({.path = std::move(path), .mode = is_there ? status.st_mode : 0});
    end = end == rootfs.size() ? rootfs.npos : std::min(rootfs.find('/', end + 1), rootfs.size());
  } while (end != rootfs.npos);
  return way;
}

}  // namespace podrun::ns
