// Finds images on the host.
#include "namespaces/launch/image_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/open_inside.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "pod/text/diagnostic.hpp"
#include "pod/text/joined.hpp"

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

/// "repository/tag" → "repository:tag", or "repository" for the tag "latest".
std::string reference_of(const std::string& folder) {
  const std::size_t slash = folder.rfind('/');
  const std::string repository = folder.substr(0, slash), tag = folder.substr(slash + 1);
  return tag == "latest" ? repository : repository + ":" + tag;
}

/// Adds the references of the images in a folder below an image root.
void add_images(const std::string& root, const std::string& folder, int depth, std::set<std::string>& found) {
  constexpr int deepest = 8;
  constexpr std::size_t most = 100;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(root + "/" + folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string below = (folder.empty() ? "" : folder + "/") + entry->path().filename().string();
    // No repository begins with a dot: it is the store of layers.
    if (found.size() >= most || below.starts_with('.') || !is_directory(entry->path())) continue;
    if (!folder.empty() && is_directory(entry->path() / "rootfs"))
      found.insert(reference_of(below));
    else if (depth < deepest && entry->path().filename() != "rootfs")
      add_images(root, below, depth + 1, found);
  }
}

/// "registry/team/app:1.2" → "app".
std::string base_name(const std::string& reference) {
  const std::string last = reference.substr(reference.rfind('/') + 1);  // 0 without a slash: npos + 1 is 0
  return last.substr(0, last.find_first_of(":@"));
}

/// The image with the same name in another place or version, or else with a similar name; "" if there is none.
std::string meant_image(const std::string& reference, const std::vector<std::string>& images) {
  for (const std::string& image : images)
    if (base_name(image) == base_name(reference)) return image;
  return std::string(pod::nearest(reference, {images.begin(), images.end()}));
}

/// Whether a word means itself in a shell.
bool is_plain(std::string_view word) {
  return std::ranges::all_of(word, [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) || std::string_view("._-/:@+").contains(letter);
  });
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
  return fail("image " + reference + ": not found on this host" + searched, ENOENT);
}

std::vector<std::string> images_below(const std::vector<std::string>& roots) {
  std::set<std::string> found;
  for (const std::string& root : roots) add_images(root, "", 0, found);
  return {found.begin(), found.end()};
}

std::string similar_image(const std::string& reference, const std::vector<std::string>& roots) {
  return meant_image(reference, images_below(roots));
}

std::string image_hint(const std::string& reference, const std::vector<std::string>& roots) {
  const std::vector<std::string> images = images_below(roots);
  std::string hint = "\n  folders of images on this host: " + (images.empty() ? "none" : pod::joined(images, ", ")) +
                     "; podrun image ls lists the image store, too";
  if (const std::string meant = meant_image(reference, images); !meant.empty())
    hint += "\n  did you mean " + meant + "?";
  if (!is_plain(reference)) return hint + "\n  how to bring one here: podrun-image(1)";
  return hint + fmt::format("\n  to bring podman's or docker's image of that name here:"
                            "\n    podman save {} | podrun image load -",
                            reference);
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
