// Pod + images + host facts → PodPlan: every decision of a start, made once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pod/environment/env_file.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/image.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// What a run adds to the manifest.
struct RunParameters {
  std::string uid;      ///< the pod's, random unless the manifest gives one
  std::string storage;  ///< where pods' directories lie, e.g. "/var/lib/podrun/pods"
  std::string claims;   ///< where claims lie, which outlive pods, e.g. "/var/lib/podrun/volumes"
  EnvFiles env_files = {};  ///< read for the start of one container
};

/// The image references of a pod, for whoever looks them up.
std::set<std::string> image_references(const Pod& pod);

/// Compiles. Errors: a container without a command, a user or group name that the image does not know, a
/// relative working directory. The result always passes verify().
Result<PodPlan> compile(const Pod& pod, const Images& images, const HostFacts& facts,
                        const RunParameters& run_parameters);

/// The plan of a container as if it had another image, a root of its own in a mount namespace of its own, and nothing
/// else of what the manifest says of it but its namespaces: what compile_debug() makes its plan from. `argv` empty: the
/// image's own command. Errors: as compile().
Result<ContainerPlan> compile_stand_in(const Pod& pod, std::size_t container, const Image& image,
                                       std::vector<std::string> argv, const HostFacts& facts,
                                       const RunParameters& run_parameters);

/// Every path of /proc and /sys that containers must not see, where the kernel has it: the list that OCI
/// runtimes mask.
const std::vector<std::string>& mask_candidates();

/// Every path of /proc that containers must not write, where the kernel has it. HostFacts::sensitive_paths is
/// the subset of both lists found on the host.
const std::vector<std::string>& readonly_candidates();

}  // namespace podrun::pod
