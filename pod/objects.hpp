// What a pod refers to by name: plain aggregates, as pod/spec.hpp.
#pragma once

#include <map>
#include <string>

#include "pod/metadata.hpp"
#include "pod/quantity.hpp"

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

}  // namespace podrun::pod
