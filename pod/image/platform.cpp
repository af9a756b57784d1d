// Platforms as text, and their order for a host.
#include "pod/image/platform.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace podrun::pod {
namespace {

/// Other names of architectures.
constexpr std::pair<std::string_view, std::string_view> names_of_architectures[] = {
    {"x86_64", "amd64"},      {"x86-64", "amd64"},    {"aarch64", "arm64"},   {"i386", "386"},
    {"i486", "386"},          {"i586", "386"},        {"i686", "386"},        {"armhf", "arm"},
    {"armv7l", "arm"},        {"armv6l", "arm"},      {"armv8l", "arm"},      {"armel", "arm"},
    {"mips64el", "mips64le"}, {"ppc64el", "ppc64le"}, {"loong64", "loong64"}, {"loongarch64", "loong64"}};

/// Older variants of the 32-bit arm that a host of a newer one runs, newest first.
constexpr std::string_view arm_variants[] = {"v8", "v7", "v6", "v5"};

/// All platforms whose images a host runs, the best first.
std::vector<Platform> platforms_of(const Platform& host) {
  std::vector<Platform> all{host};
  const auto add = [&](std::string_view architecture, std::string_view variant) {
    all.push_back({host.os, std::string(architecture), std::string(variant)});
  };
  if (host.architecture == "amd64") {
    // "v3" runs v2 and what has no variant.
    if (host.variant.size() == 2)
      for (char level = static_cast<char>(host.variant[1] - 1); level >= '2'; --level)
        add("amd64", std::string{'v', level});
    if (!host.variant.empty()) add("amd64", "");
    add("386", "");
  } else if (host.architecture == "arm64") {
    for (const std::string_view variant : arm_variants) add("arm", variant);
  } else if (host.architecture == "arm") {
    const auto* const own = std::ranges::find(arm_variants, host.variant);
    for (const auto* each = own; each != std::end(arm_variants); ++each)
      if (each != own) add("arm", *each);
  }
  return all;
}

}  // namespace

std::string to_text(const Platform& platform) {
  std::string text = platform.os + "/" + platform.architecture;
  return platform.variant.empty() ? text : text + "/" + platform.variant;
}

Platform normalized(Platform platform) {
  if (platform.variant.size() == 1 && platform.variant[0] >= '0' && platform.variant[0] <= '9')
    platform.variant.insert(0, "v");
  const bool soft = platform.architecture == "armel", sixth = platform.architecture == "armv6l";
  for (const auto& [other, name] : names_of_architectures)
    if (platform.architecture == other) platform.architecture = name;
  if (platform.architecture == "amd64" && platform.variant == "v1") platform.variant.clear();
  if (platform.architecture == "arm64" && platform.variant == "v8") platform.variant.clear();
  if (platform.architecture == "arm" && platform.variant.empty()) platform.variant = soft || sixth ? "v6" : "v7";
  return platform;
}

Platform platform_of_machine(std::string_view machine) {
  return normalized({.os = "linux", .architecture = std::string(machine)});
}

std::optional<int> suitability(const Platform& image, const Platform& host) {
  const std::vector<Platform> all = platforms_of(normalized(host));
  const auto found = std::ranges::find(all, normalized(image));
  if (found == all.end()) return {};
  return static_cast<int>(found - all.begin());
}

}  // namespace podrun::pod
