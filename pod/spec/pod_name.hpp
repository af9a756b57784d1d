// The one spelling of a pod's name in what people read.
#pragma once

#include <string>
#include <string_view>

namespace podrun::pod {

/// The name of the pod with that id, in messages and on the command line: NAME in the namespace "default", else
/// NAMESPACE/NAME. Paths, and JSON for programs, have the id: pod_id().
inline std::string pod_name(std::string_view id) {
  const std::size_t end = id.find('_');
  if (end == std::string_view::npos) return std::string(id);
  const std::string_view namespace_name = id.substr(0, end), name = id.substr(end + 1);
  if (namespace_name == "default") return std::string(name);
  return std::string(namespace_name).append("/").append(name);
}

}  // namespace podrun::pod
