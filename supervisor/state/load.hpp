// Pod → plan: everything that must be well before anything is created.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "namespaces/paths/host_path.hpp"
#include "pod/compile/compile.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/command_error.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// ns::find_image(), with a root that is a path without links, as the trees of volumes are opened. A link that
/// containers could have made is not followed: ELOOP.
Result<pod::Image> find_image(const std::string& reference, const std::vector<std::string>& roots,
                              const std::vector<ns::WritablePlace>& writable);

/// A pod's images, and what is said of those that cannot be had.
struct ImageLookup {
  pod::Images images;
  std::vector<Error> missing;
};
ImageLookup find_images(const pod::Pod& pod, const std::vector<std::string>& roots,
                        const std::vector<ns::WritablePlace>& writable);

/// Where this pod's containers can write on the host, or those of other pods in podrun's own directories. Empty STORAGE
/// or CLAIMS: there is none.
std::vector<ns::WritablePlace> writable_places(const pod::Pod& pod, const std::string& storage,
                                               const std::string& claims);

/// Makes hostPaths paths without links: those that are KNOWN from the pod's start as they were, the others as they lead
/// now. A link in a writable place is an error, ELOOP.
Result<> resolve_host_paths(pod::Pod& pod, const HostPaths& known, const std::vector<ns::WritablePlace>& writable);

/// Compiles and verifies.
CommandResult<pod::PodPlan> compile_pod(const pod::Pod& pod, const pod::Images& images,
                                    const pod::HostFacts& facts, const pod::RunParameters& run_parameters,
                                    const std::string& name);

/// All of it.
struct LoadedPod {
  pod::Pod pod;
  pod::HostFacts facts;
  pod::PodPlan plan;
  std::string text;  ///< the manifests, for a later supervisor
  pod::Images images;
  pod::RunParameters run_parameters;  ///< what the plan was compiled with
};

/// What load() works with. The pod it returns has hostPaths without links: where they led at the pod's start, before
/// one of its containers could change them by another volume.
struct LoadRequest {
  pod::Pod pod;
  std::string text;                      ///< SelectedPods::text
  std::string source;                    ///< what messages call the manifest
  std::string uid;                       ///< for a pod that has none
  std::string storage;                   ///< Layout::storage()
  std::string claims;                    ///< Layout::claims()
  std::vector<std::string> image_roots;  ///< Layout::image_roots()
  std::string seccomp_profiles;          ///< Layout::seccomp_profiles()
  std::optional<pod::Images> images;     ///< those of the pod's start; none: they are looked up
  HostPaths host_paths;                  ///< those of the pod's start; what is not among them is looked up
};

/// A request with the directories of a layout, without a pod. Images are looked up in podrun's own folder, too.
LoadRequest load_request(const Layout& layout, const std::string& program_folder);

/// The host's facts, with those that this pod asks for; an unreadable seccomp profile is left out.
pod::HostFacts read_facts_for(const pod::Pod& pod, const std::string& storage, const std::string& seccomp_profiles);

/// Finds the images, reads the host's facts, compiles, verifies. A mistake in the manifest is Invalid, an image that
/// the host lacks CannotStart.
CommandResult<LoadedPod> load(LoadRequest request);

}  // namespace podrun::supervisor
