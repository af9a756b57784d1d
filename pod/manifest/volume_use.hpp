// What the containers of a pod can do with one of its volumes.
#pragma once

#include <string_view>

#include "pod/spec/spec.hpp"

namespace podrun::pod {

enum class VolumeUse {
  None,           ///< nobody mounts it
  ReadOnly,       ///< also what is mounted in it
  WritableBelow,  ///< read-only, but for what is mounted in it: `readOnly` without `recursiveReadOnly`
  Writable,
};

/// The most that one of the containers can. A privileged container mounts as it likes: nothing is read-only for it.
VolumeUse use_of(const PodSpec& spec, std::string_view volume);

}  // namespace podrun::pod
