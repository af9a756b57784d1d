// Compiles a Pod, images and host facts to a PodPlan. All decisions of a start are made here.
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

/// Inputs of the compiler that depend on the run.
struct RunParameters {
  std::string uid;          ///< the pod's UID; random unless the manifest sets it
  std::string storage;      ///< the parent of pods' directories, e.g. "/var/lib/podrun/pods"
  std::string claims;       ///< the directory of claims, which persist after pods, e.g. "/var/lib/podrun/volumes"
  /// The numbers that were claimed for the networks of the pod: of "", the pod's own, and of containers by name. A
  /// network without a number gets preferred_number(), which may be another pod's when this one starts.
  std::map<std::string, std::uint32_t> network_numbers{};
  EnvFiles env_files = {};  ///< env files of the container that is about to start
  /// References of images that are fetched: the plan of a container with one has no steps (ContainerPlan::awaits_image).
  std::set<std::string, std::less<>> awaited_images{};
};

/// The references of all images that a pod needs.
std::set<std::string> image_references(const Pod& pod);

/// The references of the images that a container needs: its own, then those of the image volumes that it mounts.
std::vector<std::string> image_references(const Pod& pod, const Container& container);

/// Compiles a pod. The result satisfies verify(). Errors: a container without a command, a user or group name that the
/// image does not have, a relative working directory.
Result<PodPlan> compile(const Pod& pod, const Images& images, const HostFacts& facts,
                        const RunParameters& run_parameters);

/// Compiles one container of a pod, as compile() does: again, when its env files have been read. The pod's objects need
/// only be those that the container's variables refer to. Errors: as compile().
Result<ContainerPlan> compile_one(const Pod& pod, std::size_t container, const Images& images, const HostFacts& facts,
                                  const RunParameters& run_parameters);

/// Compiles a stand-in for a container, from which compile_debug() makes its plan: a container with another image, its
/// own root in a private mount namespace, the container's other namespaces, and none of its other settings. If `argv`
/// is empty, the stand-in runs the image's command. Errors: as compile().
Result<ContainerPlan> compile_stand_in(const Pod& pod, std::size_t container, const Image& image,
                                       std::vector<std::string> argv, const HostFacts& facts,
                                       const RunParameters& run_parameters);

/// The paths in /proc and /sys that containers must not see, as masked by OCI runtimes. A kernel may not have all of
/// them.
const std::vector<std::string>& mask_candidates();

/// The paths in /proc that containers must not write. HostFacts::sensitive_paths has those paths of both lists that
/// exist on the host.
const std::vector<std::string>& readonly_candidates();

}  // namespace podrun::pod
