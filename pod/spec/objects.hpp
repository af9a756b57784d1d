// The objects that a pod refers to by name, as plain aggregates.
#pragma once

#include <map>
#include <set>
#include <string>

#include "pod/spec/metadata.hpp"
#include "pod/text/quantity.hpp"

namespace podrun::pod {

/// A ConfigMap: `data` and the decoded `binaryData`.
struct ConfigMap {
  Metadata metadata;
  std::map<std::string, std::string> data;
  std::set<std::string> binary_keys{};  ///< those of `binaryData`: files of volumes, never variables
};

/// A Secret: the decoded `data` and `stringData`; of a key in both, the value of `stringData`. The values are never
/// printed.
struct Secret {
  Metadata metadata;
  std::map<std::string, std::string> data;
};

/// `spec` of a PersistentVolumeClaim.
struct ClaimSpec {
  Quantities requests;  ///< `resources.requests`, with the key "storage"
};

/// A PersistentVolumeClaim: a named volume that persists after the pods that use it.
struct PersistentVolumeClaim {
  Metadata metadata;
  ClaimSpec spec;
  std::string owning_pod{};  ///< the pod of whose ephemeral volume it is, by ownerReferences; mostly empty
};

/// The objects of a pod's namespace that are not pods.
struct NamedObjects {
  std::map<std::string, ConfigMap> config_maps;          ///< by name
  std::map<std::string, Secret> secrets;                 ///< by name
  std::map<std::string, PersistentVolumeClaim> claims;  ///< by name

  /// The object of that name, or nullptr.
  const ConfigMap* config_map(const std::string& name) const { return find(config_maps, name); }
  const Secret* secret(const std::string& name) const { return find(secrets, name); }
  const PersistentVolumeClaim* claim(const std::string& name) const { return find(claims, name); }

  // Defined in objects.cpp: compiled once, not in each unit that holds one.
  NamedObjects();
  NamedObjects(const NamedObjects&);
  NamedObjects(NamedObjects&&) noexcept;
  NamedObjects& operator=(const NamedObjects&);
  NamedObjects& operator=(NamedObjects&&) noexcept;
  ~NamedObjects();

 private:
  template <typename Object>
  static const Object* find(const std::map<std::string, Object>& objects, const std::string& name) {
    const auto found = objects.find(name);
    return found == objects.end() ? nullptr : &found->second;
  }
};

}  // namespace podrun::pod
