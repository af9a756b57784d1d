// Decides which namespaces each container uses, from Kubernetes' fields and these annotations:
//
//   podrun.io/namespaces: |
//     db: net=private ipc=host uts=container:web pid=pod time=private
//   podrun.io/time-offsets: |
//     db: monotonic=24h boottime=-1h
//
// Containers and kinds of namespaces that the annotation does not name are as in Kubernetes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/namespaces.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

inline constexpr std::string_view namespaces_annotation = "podrun.io/namespaces";
inline constexpr std::string_view time_offsets_annotation = "podrun.io/time-offsets";

/// The namespaces of one container.
struct ContainerComposition {
  Composition namespaces{};
  ClockOffsets offsets;              ///< clock offsets of a private time namespace
  std::vector<std::string> remarks;  ///< reasons for choices that podrun, not the manifest, has made
};

/// A request that cannot be fulfilled, and its place in the manifest.
struct CompositionError {
  std::string_view where;  ///< the annotation or the field of spec
  std::string message;

  bool operator==(const CompositionError&) const = default;
};

/// Composes the namespaces of each container of the pod. Adds requests that cannot be fulfilled to `errors`.
std::vector<ContainerComposition> compose(const Pod& pod, std::vector<CompositionError>& errors);

}  // namespace podrun::pod
