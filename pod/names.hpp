// How the plan's own words are written: the same in the text, the JSON and the messages.
#pragma once

#include <string>
#include <string_view>

#include "pod/plan.hpp"

namespace podrun::pod {

/// As in the manifest: "Always", "OnFailure", "Never".
constexpr std::string_view name_of(RestartPolicy policy) {
  switch (policy) {
    case RestartPolicy::Always:
      return "Always";
    case RestartPolicy::OnFailure:
      return "OnFailure";
    case RestartPolicy::Never:
      return "Never";
  }
  __builtin_unreachable();
}

/// "mnt", "net", …
constexpr std::string_view name_of(NamespaceKind kind) {
  return namespace_names[static_cast<std::size_t>(kind)];
}

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

/// "disk", "memory".
constexpr std::string_view name_of(host::Layer layer) {
  switch (layer) {
    case host::Layer::Disk:
      return "disk";
    case host::Layer::Memory:
      return "memory";
  }
  __builtin_unreachable();
}

/// "mnt net ipc uts".
inline std::string names_of(const NamespaceSet& kinds) {
  std::string names;
  for (const auto kind : kinds) names.append(names.empty() ? "" : " ").append(name_of(kind));
  return names;
}

}  // namespace podrun::pod
