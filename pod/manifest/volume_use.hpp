// The access that a pod's containers have to a volume.
#pragma once

#include <string_view>

#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// An access to a volume, in ascending order.
enum class VolumeUse {
  None,           ///< no container mounts it
  ReadOnly,       ///< the volume and mounts below it are read-only
  WritableBelow,  ///< only mounts below it are writable: `readOnly` without `recursiveReadOnly`
  Writable,
};

/// The highest access of any container. For a privileged container, which can remount, no mount is read-only.
VolumeUse use_of(const PodSpec& spec, std::string_view volume);

}  // namespace podrun::pod
