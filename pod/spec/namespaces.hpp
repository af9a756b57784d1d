// Namespaces as data: the eight kinds, and where a container's come from.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// The eight kinds of namespaces(7), in the order every table of podrun shows them.
enum class NamespaceKind : std::uint8_t { Mnt, Net, Ipc, Uts, Pid, User, Cgroup, Time };
inline constexpr std::size_t namespace_kinds = 8;
inline constexpr std::array<std::string_view, namespace_kinds> namespace_names{
    "mnt", "net", "ipc", "uts", "pid", "user", "cgroup", "time"};

/// "mnt", "net", …
constexpr std::string_view name_of(NamespaceKind kind) {
  return namespace_names[static_cast<std::size_t>(kind)];
}

/// Whose namespace of one kind a container uses.
enum class NamespaceOwner : std::uint8_t {
  Pod,        ///< the pod's: mnt, net, ipc, uts are held by the pause, pid, cgroup, time by its init (sandbox::Init)
  Private,    ///< one of its own
  Host,       ///< the host's
  Container,  ///< the private one of another container
};

/// "pod", "private", "host", "container".
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

/// How far a time namespace's clocks are ahead of the host's, time_namespaces(7).
struct ClockOffsets {
  std::chrono::nanoseconds monotonic{0};
  std::chrono::nanoseconds boottime{0};

  bool operator==(const ClockOffsets&) const = default;
};

/// What Kubernetes gives a container of a pod that says nothing: the pod's mnt, net, ipc and uts, a pid of its own, the
/// host's rest.
inline constexpr Composition default_composition{
    NamespaceSource{NamespaceOwner::Pod},     NamespaceSource{NamespaceOwner::Pod},
    NamespaceSource{NamespaceOwner::Pod},     NamespaceSource{NamespaceOwner::Pod},
    NamespaceSource{NamespaceOwner::Private}, NamespaceSource{NamespaceOwner::Host},
    NamespaceSource{NamespaceOwner::Host},    NamespaceSource{NamespaceOwner::Host}};

/// The kinds that belong to one owner, in the order of NamespaceKind.
NamespaceSet kinds_of(const Composition& composition, NamespaceOwner owner);

/// The source of one kind.
inline NamespaceSource source_of(const Composition& composition, NamespaceKind kind) {
  return composition[static_cast<std::size_t>(kind)];
}

/// Kinds of another container's that only its living process has: joining them needs it running. The others are held by
/// the pause once they are made. (A cgroup namespace is rooted at its container's group, which a restart may make
/// anew.)
constexpr bool needs_living_owner(NamespaceKind kind) {
  return kind == NamespaceKind::Mnt || kind == NamespaceKind::Pid || kind == NamespaceKind::Cgroup;
}

/// The kinds that the pause holds by being in them; the pod's others are those of its init.
constexpr bool is_held_by_pause(NamespaceKind kind) {
  return kind == NamespaceKind::Mnt || kind == NamespaceKind::Net || kind == NamespaceKind::Ipc ||
         kind == NamespaceKind::Uts;
}

/// A source in the manifest's words: "pod", "private", "host", "container:web".
std::string source_words(NamespaceSource source, const std::vector<std::string>& container_names);

}  // namespace podrun::pod
