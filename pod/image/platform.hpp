// For which machines an image is, and which of an index runs on this one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace podrun::pod {

/// A platform as the OCI image index has it.
struct Platform {
  std::string os;            ///< "linux"
  std::string architecture;  ///< "amd64", "arm64", "arm"
  std::string variant = {};  ///< "v7"; often missing

  bool operator==(const Platform&) const = default;
  bool empty() const { return os.empty() && architecture.empty(); }
};

/// "linux/arm/v7".
std::string to_text(const Platform& platform);

/// The platform in one form: other names of an architecture (x86_64, aarch64) and variants that say nothing (amd64 v1,
/// arm64 v8) are replaced; arm without a variant is v7.
Platform normalized(Platform platform);

/// The platform of a machine by the name that uname(2) gives it: "x86_64", "aarch64".
Platform platform_of_machine(std::string_view machine);

/// How well an image of a platform suits a host: 0 is best, the empty value is "does not run there". As containerd has
/// it: a host takes its own architecture first, then older variants, then what its processor runs besides.
std::optional<int> suitability(const Platform& image, const Platform& host);

}  // namespace podrun::pod
