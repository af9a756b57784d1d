// The metadata of an object, the same for every kind.
#pragma once

#include <map>
#include <string>

namespace podrun::pod {

/// `metadata`.
struct Metadata {
  std::string name;
  std::string namespace_name = "default";
  std::string uid;  ///< empty: podrun generates one for the run
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

/// `<namespace>_<name>`: the name of a pod in paths, cgroups and process titles. Neither part can contain '_'.
inline std::string pod_id(const Metadata& metadata) { return metadata.namespace_name + "_" + metadata.name; }

}  // namespace podrun::pod
