// What a pod refers to by name: plain aggregates, as pod/spec/spec.hpp.
#pragma once

#include <map>
#include <string>

#include "pod/spec/metadata.hpp"
#include "pod/text/quantity.hpp"

namespace podrun::pod {

/// A ConfigMap: `data`, and `binaryData` decoded.
struct ConfigMap {
  Metadata metadata;
  std::map<std::string, std::string> data;
};

/// A Secret: `data` decoded, and `stringData`, which wins where both have a key. Its values are for the pod alone.
struct Secret {
  Metadata metadata;
  std::map<std::string, std::string> data;
};

/// A PersistentVolumeClaim's `spec`.
struct ClaimSpec {
  Quantities requests;  ///< "storage"
};

/// A PersistentVolumeClaim: a named volume that outlives the pods that use it.
struct PersistentVolumeClaim {
  Metadata metadata;
  ClaimSpec spec;
};

/// What the manifests of a pod's namespace hold beside pods.
struct NamedObjects {
  std::map<std::string, ConfigMap> config_maps;          ///< by name
  std::map<std::string, Secret> secrets;                 ///< by name
  std::map<std::string, PersistentVolumeClaim> claims;  ///< by name

  /// nullptr: there is none of that name.
  const ConfigMap* config_map(const std::string& name) const { return find(config_maps, name); }
  const Secret* secret(const std::string& name) const { return find(secrets, name); }
  const PersistentVolumeClaim* claim(const std::string& name) const { return find(claims, name); }

 private:
  template <typename Object>
  static const Object* find(const std::map<std::string, Object>& objects, const std::string& name) {
    const auto found = objects.find(name);
    return found == objects.end() ? nullptr : &found->second;
  }
};

}  // namespace podrun::pod
