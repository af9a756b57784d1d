// Names of the plan's enumerators in text, JSON and messages.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// As in the manifest: "Always", "OnFailure", "Never".
constexpr std::string_view name_of(TerminationMessagePolicy policy) {
  switch (policy) {
    case TerminationMessagePolicy::File:
      return "File";
    case TerminationMessagePolicy::FallbackToLogsOnError:
      return "FallbackToLogsOnError";
  }
  __builtin_unreachable();
}

/// "init container", "sidecar", "container".
constexpr std::string_view name_of(ContainerRole role) {
  switch (role) {
    case ContainerRole::Init: return "init container";
    case ContainerRole::Sidecar: return "sidecar";
    case ContainerRole::App: return "container";
  }
  return {};
}

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

/// "refused", "as on host", "usable".
constexpr std::string_view name_of(host::Devices devices) {
  switch (devices) {
    case host::Devices::Refused:
      return "refused";
    case host::Devices::AsOnHost:
      return "as on host";
    case host::Devices::Usable:
      return "usable";
  }
  __builtin_unreachable();
}

/// As in the manifest: "None", "HostToContainer", "Bidirectional".
constexpr std::string_view name_of(MountPropagation propagation) {
  switch (propagation) {
    case MountPropagation::None:
      return "None";
    case MountPropagation::HostToContainer:
      return "HostToContainer";
    case MountPropagation::Bidirectional:
      return "Bidirectional";
  }
  __builtin_unreachable();
}

/// As in the manifest: "", "DirectoryOrCreate", "Directory", ….
constexpr std::string_view name_of(HostPathType type) {
  switch (type) {
    case HostPathType::Any:
      return "";
    case HostPathType::DirectoryOrCreate:
      return "DirectoryOrCreate";
    case HostPathType::Directory:
      return "Directory";
    case HostPathType::FileOrCreate:
      return "FileOrCreate";
    case HostPathType::File:
      return "File";
    case HostPathType::Socket:
      return "Socket";
    case HostPathType::CharDevice:
      return "CharDevice";
    case HostPathType::BlockDevice:
      return "BlockDevice";
  }
  __builtin_unreachable();
}

/// "mnt net ipc uts".
inline std::string names_of(const NamespaceSet& kinds) {
  std::string names;
  for (const auto kind : kinds) names.append(names.empty() ? "" : " ").append(name_of(kind));
  return names;
}

/// The path of a kernel parameter: /proc/sys/net/ipv4/ip_forward for "net.ipv4.ip_forward" or "net/ipv4/ip_forward".
inline constexpr std::string_view sysctl_root = "/proc/sys/";
inline std::string sysctl_path(std::string name) {
  if (name.find('/') == name.npos) std::ranges::replace(name, '.', '/');
  return std::string(sysctl_root) + name;
}

}  // namespace podrun::pod
