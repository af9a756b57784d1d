// Namespaces as data: the eight kinds, and where a container's come from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// The eight kinds of namespaces(7), in the order every table of podrun shows them.
enum class NamespaceKind : std::uint8_t { Mnt, Net, Ipc, Uts, Pid, User, Cgroup, Time };
inline constexpr std::size_t namespace_kinds = 8;
inline constexpr std::array<std::string_view, namespace_kinds> namespace_names{
    "mnt", "net", "ipc", "uts", "pid", "user", "cgroup", "time"};

/// Whose namespace of one kind a container uses.
enum class NamespaceOwner : std::uint8_t {
  Pod,        ///< the pod's: mnt, net, ipc, uts are held by the pause, pid, cgroup, time by its init (sandbox::Init)
  Private,    ///< one of its own
  Host,       ///< the host's
  Container,  ///< the private one of another container
};

/// Where a container's namespace of one kind comes from.
struct NamespaceSource {
  NamespaceOwner owner = NamespaceOwner::Host;
  std::uint16_t container = 0;  ///< for Container: whose, as an index into PodPlan::containers

  bool operator==(const NamespaceSource&) const = default;
};

/// The composition of one container: a source for each kind, indexed by NamespaceKind.
using Composition = std::array<NamespaceSource, namespace_kinds>;

/// A set of kinds, e.g. those the pause makes.
using NamespaceSet = std::vector<NamespaceKind>;

}  // namespace podrun::pod
