// Determines the access that a pod's containers have to a volume.
#include "pod/manifest/volume_use.hpp"

#include <algorithm>

namespace podrun::pod {
namespace {

VolumeUse use_of(const Container& container, const VolumeMount& mount) {
  if (!mount.read_only || container.security_context.privileged) return VolumeUse::Writable;
  return mount.recursive_read_only == RecursiveReadOnly::Disabled ? VolumeUse::WritableBelow : VolumeUse::ReadOnly;
}

}  // namespace

VolumeUse use_of(const PodSpec& spec, std::string_view volume) {
  VolumeUse most = VolumeUse::None;
  for (const Container& container : spec.containers)
    for (const VolumeMount& mount : container.volume_mounts)
      if (mount.name == volume) most = std::max(most, use_of(container, mount));
  return most;
}

}  // namespace podrun::pod
