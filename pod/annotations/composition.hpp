// Whose namespaces each container uses: Kubernetes' fields and the podrun.io/namespaces annotation, resolved. Pure.
//
//   podrun.io/namespaces: |
//     db: net=private ipc=host uts=container:web pid=pod time=private
//   podrun.io/time-offsets: |
//     db: monotonic=24h boottime=-1h
//
// A container that is not named, and a kind that is not, keep what Kubernetes gives them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/namespaces.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

inline constexpr std::string_view namespaces_annotation = "podrun.io/namespaces";
inline constexpr std::string_view time_offsets_annotation = "podrun.io/time-offsets";

/// One container's namespaces.
struct ContainerComposition {
  Composition namespaces{};
  ClockOffsets offsets;        ///< of a private time namespace
  std::vector<std::string> remarks;  ///< where podrun, not the manifest, has chosen: why
};

/// What cannot be, and the place in the manifest that wants it.
struct CompositionError {
  std::string_view where;  ///< the annotation, or the field of spec
  std::string message;

  bool operator==(const CompositionError&) const = default;
};

/// The composition of each of the pod's containers. What cannot be is added to `errors`.
std::vector<ContainerComposition> compose(const Pod& pod, std::vector<CompositionError>& errors);

}  // namespace podrun::pod
