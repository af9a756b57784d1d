// Resource limits of the kernel, setrlimit(2), as data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace podrun::pod {

/// The resources of setrlimit(2), with the kernel's numbers (asm-generic/resource.h).
enum class Resource : std::uint8_t {
  Cpu, Fsize, Data, Stack, Core, Rss, Nproc, Nofile, Memlock, As, Locks, Sigpending, Msgqueue, Nice, Rtprio, Rttime
};
inline constexpr std::size_t resource_kinds = 16;

/// The names in prlimit(1) and in the podrun.io/limit-… annotations, indexed by Resource.
inline constexpr std::array<std::string_view, resource_kinds> resource_names{
    "cpu",     "fsize", "data",  "stack",      "core",     "rss",  "nproc",  "nofile",
    "memlock", "as",    "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"};

constexpr std::string_view name_of(Resource resource) { return resource_names[static_cast<std::size_t>(resource)]; }

/// No limit, RLIM_INFINITY.
inline constexpr std::uint64_t unlimited = ~std::uint64_t{0};

constexpr std::array<std::uint64_t, resource_kinds> no_limits() {
  std::array<std::uint64_t, resource_kinds> limits{};
  limits.fill(unlimited);
  return limits;
}

/// One limit: a number of bytes, seconds (cpu), microseconds (rttime), or other units of the resource.
struct ResourceLimit {
  Resource resource = Resource::Cpu;
  std::uint64_t soft = unlimited;
  std::uint64_t hard = unlimited;

  bool operator==(const ResourceLimit&) const = default;
};

}  // namespace podrun::pod
