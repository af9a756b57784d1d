// The volumes of an image's config.
#include "pod/compile/image_volumes.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "pod/text/paths.hpp"
#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

/// Where podrun mounts file systems of the kernel.
constexpr std::array<std::string_view, 3> kernel_mounts{"/proc", "/sys", "/dev"};

/// Why there is no volume at a path; "" if there is one.
std::string_view obstacle(std::string_view path) {
  if (path.empty()) return "it leads out of the root";
  if (path == "/") return "it is the whole root";
  const auto holds = [&](std::string_view mount) { return is_at_or_below(path, mount); };
  return std::ranges::any_of(kernel_mounts, holds) ? "file systems of the kernel are mounted there" : "";
}

bool is_mounted(const Container& container, std::string_view path) {
  const auto covers = [&](const VolumeMount& mount) { return is_at_or_below(path, clean_path(mount.mount_path)); };
  return std::ranges::any_of(container.volume_mounts, covers) ||
         clean_path(container.termination_message_path) == path;
}

}  // namespace

ConfigVolumes config_volumes(const ContainerContext& context) {
  ConfigVolumes volumes;
  std::set<std::string> taken;
  for (const std::string& each : context.image.config.volumes) {
    std::string path = clean_path("/" + each);
    if (const std::string_view why = obstacle(path); !why.empty())
      volumes.remarks.push_back(fmt::format("the volume {} of the image's config is left out: {}", escaped(each), why));
    else if (!is_mounted(context.container, path) && taken.insert(path).second)
      volumes.paths.push_back(std::move(path));
  }
  std::ranges::stable_sort(volumes.paths, {}, [](const std::string& path) { return depth(path); });
  return volumes;
}

}  // namespace podrun::pod
