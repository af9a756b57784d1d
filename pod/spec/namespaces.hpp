// Namespaces as data: the eight kinds, and which namespace of each kind a container uses.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// The eight kinds of namespaces(7), in the order of all of podrun's tables.
enum class NamespaceKind : std::uint8_t { Mnt, Net, Ipc, Uts, Pid, User, Cgroup, Time };
inline constexpr std::size_t namespace_kinds = 8;
inline constexpr std::array<std::string_view, namespace_kinds> namespace_names{
    "mnt", "net", "ipc", "uts", "pid", "user", "cgroup", "time"};

/// The name of a kind: "mnt", "net", …
constexpr std::string_view name_of(NamespaceKind kind) {
  return namespace_names[static_cast<std::size_t>(kind)];
}

/// The owner of the namespace that a container uses.
enum class NamespaceOwner : std::uint8_t {
  Pod,        ///< the pod: the pause holds mnt, net, ipc, uts; the pod's init (sandbox::Init) holds pid, cgroup, time
  Private,    ///< the container itself
  Host,       ///< the host
  Container,  ///< another container, whose namespace is private
};

/// The name of an owner: "pod", "private", "host", "container".
constexpr std::string_view name_of(NamespaceOwner owner) {
  switch (owner) {
    case NamespaceOwner::Pod:
      return "pod";
    case NamespaceOwner::Private:
      return "private";
    case NamespaceOwner::Host:
      return "host";
    case NamespaceOwner::Container:
      return "container";
  }
  __builtin_unreachable();
}

/// The namespace of one kind that a container uses.
struct NamespaceSource {
  NamespaceOwner owner = NamespaceOwner::Host;
  std::uint16_t container = 0;  ///< with NamespaceOwner::Container the index of that container in PodPlan::containers

  bool operator==(const NamespaceSource&) const = default;
};

/// The namespaces of one container: a source for each kind, indexed by NamespaceKind.
using Composition = std::array<NamespaceSource, namespace_kinds>;

/// A set of kinds.
using NamespaceSet = std::vector<NamespaceKind>;

/// The offsets of a time namespace's clocks from the host's, time_namespaces(7).
struct ClockOffsets {
  std::chrono::nanoseconds monotonic{0};
  std::chrono::nanoseconds boottime{0};

  bool operator==(const ClockOffsets&) const = default;
};

/// The default composition, as in Kubernetes: mnt, net, ipc and uts of the pod, a private pid namespace, and the user,
/// cgroup and time namespaces of the host.
inline constexpr Composition default_composition{
    NamespaceSource{NamespaceOwner::Pod},     NamespaceSource{NamespaceOwner::Pod},
    NamespaceSource{NamespaceOwner::Pod},     NamespaceSource{NamespaceOwner::Pod},
    NamespaceSource{NamespaceOwner::Private}, NamespaceSource{NamespaceOwner::Host},
    NamespaceSource{NamespaceOwner::Host},    NamespaceSource{NamespaceOwner::Host}};

/// The kinds that come from one owner, in the order of NamespaceKind.
NamespaceSet kinds_of(const Composition& composition, NamespaceOwner owner);

/// The source of one kind.
inline NamespaceSource source_of(const Composition& composition, NamespaceKind kind) {
  return composition[static_cast<std::size_t>(kind)];
}

/// Whether a namespace of this kind can be joined only while a process of its owner, another container, lives. The
/// pause holds namespaces of the other kinds once they are made. (A cgroup namespace is rooted at the container's
/// cgroup, which a restart may create again.)
constexpr bool needs_living_owner(NamespaceKind kind) {
  return kind == NamespaceKind::Mnt || kind == NamespaceKind::Pid || kind == NamespaceKind::Cgroup;
}

/// Whether the pause holds the pod's namespace of this kind by being a member of it. The pod's init holds the others.
constexpr bool is_held_by_pause(NamespaceKind kind) {
  return kind == NamespaceKind::Mnt || kind == NamespaceKind::Net || kind == NamespaceKind::Ipc ||
         kind == NamespaceKind::Uts;
}

/// A source as in the annotation: "pod", "private", "host", "container:web".
std::string source_words(NamespaceSource source, const std::vector<std::string>& container_names);

}  // namespace podrun::pod
