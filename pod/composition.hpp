// Small questions about a container's composition of namespaces.
#pragma once

#include "pod/plan.hpp"

namespace podrun::pod {

/// What every container gets for now: the pod's mnt, net, ipc and uts, its own pid, the host's rest.
inline constexpr Composition default_composition{
    NamespaceOwner::Pod,     NamespaceOwner::Pod,  NamespaceOwner::Pod,  NamespaceOwner::Pod,
    NamespaceOwner::Private, NamespaceOwner::Host, NamespaceOwner::Host, NamespaceOwner::Host};

/// The kinds that belong to one owner, in the order of NamespaceKind.
inline NamespaceSet kinds_of(const Composition& composition, NamespaceOwner owner) {
  NamespaceSet kinds;
  for (std::size_t i = 0; i < composition.size(); ++i) {
    if (composition[i] == owner) kinds.push_back(static_cast<NamespaceKind>(i));
  }
  return kinds;
}

}  // namespace podrun::pod
