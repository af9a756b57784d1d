// Whose namespaces each container uses: Kubernetes' fields and the podrun.io/namespaces annotation, resolved. Pure.
//
//   podrun.io/namespaces: |
//     db: net=private ipc=host uts=container:web pid=pod time=private
//   podrun.io/time-offsets: |
//     db: monotonic=24h boottime=-1h
//
// A container that is not named, and a kind that is not, keep what Kubernetes gives them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

inline constexpr std::string_view namespaces_annotation = "podrun.io/namespaces";
inline constexpr std::string_view time_offsets_annotation = "podrun.io/time-offsets";

/// What Kubernetes gives a container of a pod that says nothing: the pod's mnt, net, ipc and uts, a pid of its own, the
/// host's rest.
inline constexpr Composition default_composition{
    NamespaceSource{NamespaceOwner::Pod},     NamespaceSource{NamespaceOwner::Pod},
    NamespaceSource{NamespaceOwner::Pod},     NamespaceSource{NamespaceOwner::Pod},
    NamespaceSource{NamespaceOwner::Private}, NamespaceSource{NamespaceOwner::Host},
    NamespaceSource{NamespaceOwner::Host},    NamespaceSource{NamespaceOwner::Host}};

/// One container's namespaces.
struct ContainerComposition {
  Composition namespaces{};
  host::ClockOffsets offsets;        ///< of a private time namespace
  std::vector<std::string> remarks;  ///< where podrun, not the manifest, has chosen: why
};

/// What cannot be, and the place in the manifest that wants it.
struct CompositionError {
  std::string_view where;  ///< the annotation, or the field of spec
  std::string message;

  bool operator==(const CompositionError&) const = default;
};

/// The composition of each of the pod's containers. What cannot be is added to `errors`.
std::vector<ContainerComposition> compose(const Pod& pod, std::vector<CompositionError>& errors);

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

/// Whether another container of the pod joins this container's private namespace of a kind.
bool is_joined(const PodPlan& plan, std::size_t container, NamespaceKind kind);

/// A source in the manifest's words: "pod", "private", "host", "container:web".
std::string source_words(NamespaceSource source, const std::vector<std::string>& container_names);

}  // namespace podrun::pod
