// Namespaces as data.
#include "pod/spec/namespaces.hpp"

#include <fmt/format.h>

namespace podrun::pod {

NamespaceSet kinds_of(const Composition& composition, NamespaceOwner owner) {
  NamespaceSet kinds;
  for (std::size_t i = 0; i < composition.size(); ++i) {
    if (composition[i].owner == owner) kinds.push_back(static_cast<NamespaceKind>(i));
  }
  return kinds;
}

std::string source_words(NamespaceSource source, const std::vector<std::string>& container_names) {
  if (source.owner != NamespaceOwner::Container) return std::string(name_of(source.owner));
  return fmt::format("{}:{}", name_of(source.owner), container_names.at(source.container));
}

}  // namespace podrun::pod
