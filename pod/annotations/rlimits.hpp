// A container's resource limits: podrun's own, never those of who calls podrun, and what the manifest says of them.
//
//   podrun.io/limit-core: unlimited
//   podrun.io/limit-memlock: 64Mi
//   podrun.io/limit-nofile: |
//     1024:4096
//     db: 65536
//
// A line without a name is about each container that has no line of its own; one number is soft and hard limit.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/host_facts.hpp"
#include "pod/spec/rlimit.hpp"
#include "pod/spec/spec.hpp"
#include "pod/spec/value_syntax.hpp"

namespace podrun::pod {

/// The annotation of each resource, by number.
inline constexpr std::array<std::string_view, resource_kinds> limit_annotations{
    "podrun.io/limit-cpu",      "podrun.io/limit-fsize",  "podrun.io/limit-data",    "podrun.io/limit-stack",
    "podrun.io/limit-core",     "podrun.io/limit-rss",    "podrun.io/limit-nproc",   "podrun.io/limit-nofile",
    "podrun.io/limit-memlock",  "podrun.io/limit-as",     "podrun.io/limit-locks",   "podrun.io/limit-sigpending",
    "podrun.io/limit-msgqueue", "podrun.io/limit-nice",   "podrun.io/limit-rtprio",  "podrun.io/limit-rttime"};

/// A podrun.io/limit-… annotation, as far as its text alone can tell.
ValueError limit_lines(std::string_view value);

/// What such an annotation says that cannot be.
struct LimitError {
  std::string_view annotation;
  std::string message;
};

/// Containers that are not there, limits that the kernel cannot keep, and lines that contradict each other.
std::vector<LimitError> check_limits(const Pod& pod);

/// What a container has whose manifest says nothing, before the host's bounds. SIGPENDING, which counts for a user and
/// not for a namespace, is a quarter of what the kernel allows the host's root on a small machine.
std::vector<ResourceLimit> default_limits(const HostFacts& facts);

/// The most that podrun can give here: a hard limit can only be raised with CAP_SYS_RESOURCE, and NOFILE never above
/// fs.nr_open.
std::uint64_t highest_limit(Resource resource, const HostFacts& facts);

/// The sixteen limits of a container, and where the host bounds them.
struct Limits {
  std::vector<ResourceLimit> set;
  std::string bounded{};                      ///< a remark on all that are less than they should be; "" if none is
  std::vector<std::string> reduced_requests{};  ///< those of them that the manifest asks for: "nofile 20000, not 65536"
};
Limits limits_of(const Pod& pod, std::size_t container, const HostFacts& facts);

/// A sentence for each container that gets less than the manifest asks for.
std::vector<std::string> reduced_limits(const Pod& pod, const HostFacts& facts);

/// "1024:4096", "unlimited"; sizes as "8Mi".
std::string limit_words(const ResourceLimit& limit);

}  // namespace podrun::pod
