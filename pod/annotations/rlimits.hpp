// Resource limits (setrlimit(2)) of containers: podrun's defaults and these annotations. The limits of podrun's caller
// are never used.
//
//   podrun.io/limit-core: unlimited
//   podrun.io/limit-memlock: 64Mi
//   podrun.io/limit-nofile: |
//     1024:4096
//     db: 65536
//
// A line without a name applies to each container that has no line of its own. A single number is both the soft and the
// hard limit.
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

/// The annotation of each resource, indexed by Resource.
inline constexpr std::array<std::string_view, resource_kinds> limit_annotations{
    "podrun.io/limit-cpu",      "podrun.io/limit-fsize",  "podrun.io/limit-data",    "podrun.io/limit-stack",
    "podrun.io/limit-core",     "podrun.io/limit-rss",    "podrun.io/limit-nproc",   "podrun.io/limit-nofile",
    "podrun.io/limit-memlock",  "podrun.io/limit-as",     "podrun.io/limit-locks",   "podrun.io/limit-sigpending",
    "podrun.io/limit-msgqueue", "podrun.io/limit-nice",   "podrun.io/limit-rtprio",  "podrun.io/limit-rttime"};

/// Checks the syntax of a podrun.io/limit-… annotation.
ValueError limit_lines(std::string_view value);

/// An error in such an annotation that its syntax does not show.
struct LimitError {
  std::string_view annotation;
  std::string message;
};

/// Checks the limits of a pod: containers that do not exist, limits that the kernel cannot set, and lines that
/// contradict each other.
std::vector<LimitError> check_limits(const Pod& pod);

/// The limits of a container whose manifest sets none, before highest_limit() is applied. SIGPENDING, which is counted
/// per user and not per namespace, is a quarter of what the kernel allows root on a small host.
std::vector<ResourceLimit> default_limits(const HostFacts& facts);

/// The highest limit that podrun can set on this host. Raising a hard limit requires CAP_SYS_RESOURCE, and NOFILE
/// cannot exceed fs.nr_open.
std::uint64_t highest_limit(Resource resource, const HostFacts& facts);

/// The sixteen limits of a container, and which of them the host reduces.
struct Limits {
  std::vector<ResourceLimit> set;
  std::string bounded{};                        ///< a remark about all reduced limits; "" if there are none
  std::vector<std::string> reduced_requests{};  ///< reduced limits that the manifest sets: "nofile 20000, not 65536"
};
Limits limits_of(const Pod& pod, std::size_t container, const HostFacts& facts);

/// A sentence for each container that gets a lower limit than the manifest requests.
std::vector<std::string> reduced_limits(const Pod& pod, const HostFacts& facts);

/// A limit in words: "1024:4096", "unlimited", and "8Mi" for sizes.
std::string limit_words(const ResourceLimit& limit);

}  // namespace podrun::pod
