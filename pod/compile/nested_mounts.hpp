// Mounts of a container that lie in a volume of files: configMap, secret, downwardAPI, projected.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/compile/mount_list.hpp"
#include "pod/plan/pod_steps.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The directories that such a volume needs, because containers mount something in it and cannot make them: it is
/// read-only. The kubelet makes the same. What is certainly a single file, and what lies in the place of one of FILES,
/// gets none.
std::vector<std::string> mount_points_in(const Pod& pod, const Volume& volume, const std::vector<VolumeFile>& files,
                                         const HostFacts& facts, std::string_view uid);

/// The errors of mounts that lie in such a volume and have no place there: at the volume, or at the one that lies in it.
std::vector<Error> errors_of_nested_mounts(const ContainerContext& context, const MountList& list);

}  // namespace podrun::pod
