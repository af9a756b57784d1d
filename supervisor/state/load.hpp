// Compiles a pod for this host: all checks that come before anything is created.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/network/number_claim.hpp"
#include "namespaces/paths/host_path.hpp"
#include "pod/compile/compile.hpp"
#include "pod/compile/host_errors.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/command_error.hpp"
#include "supervisor/core/exit_status.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/images/image_lookup.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// The places on the host that this pod's containers can write to, and podrun's directories that containers of other
/// pods can write to. `storage` or `claims` may be empty: there is no such directory.
std::vector<ns::WritablePlace> writable_places(const pod::Pod& pod, const std::string& storage,
                                               const std::string& claims);

/// Resolves the links in hostPaths. Those in `known` keep the path that was resolved at the pod's start; others are
/// resolved now. A link in a writable place is an error: ELOOP.
Result<> resolve_host_paths(pod::Pod& pod, const HostPaths& known, const std::vector<ns::WritablePlace>& writable);

/// A compiled pod with all that it was compiled from.
struct LoadedPod {
  pod::Pod pod;
  pod::HostFacts facts;
  pod::PodPlan plan;
  pod::Images images;
  pod::RunParameters run_parameters;  ///< the parameters that the plan was compiled with
  std::string given;                  ///< to_json(GivenPod), of a pod whose text is at hand
  std::vector<ns::NumberClaim> claims{};  ///< LoadRequest::claims_numbers: one for each of PodPlan::networks
  std::map<std::string, Fd> image_locks{};  ///< of its images that are in the store, by reference
};

/// The input of load(). In the returned pod, hostPaths have no links: they are resolved as they were at the pod's
/// start, before a container could change links through another volume.
struct LoadRequest {
  pod::Pod pod;
  std::string source;                    ///< the name of the manifest in messages
  std::string uid;                       ///< the uid of a pod without metadata.uid
  std::string storage;                   ///< Layout::storage()
  std::string claims;                    ///< Layout::claims()
  ImagePlaces image_places;              ///< image_places()
  std::string seccomp_profiles;          ///< Layout::seccomp_profiles()
  std::optional<pod::Images> images;     ///< the images of the pod's start; empty: they are looked up
  HostPaths host_paths;                  ///< the paths of the pod's start; others are resolved
  /// For the pod's network: its file, and the leases of other pods. Empty: the pod is of an older podrun, and its network
  /// stays as it is.
  std::optional<Layout> layout{};
  bool claims_numbers = false;           ///< whether the numbers of its networks are claimed, for a start
  Fetching fetching = Fetching::No;      ///< whether containers may wait for images that are fetched
  std::optional<pod::PullPolicy> pull_policy{};  ///< run --pull: in place of the manifest's
};

/// The places of a layout. `program_folder` is the directory of podrun, which may contain images.
ImagePlaces image_places(const Layout& layout, const std::string& program_folder);

/// A request with the directories of a layout, without a pod. `program_folder` is the directory of podrun, which may
/// contain images.
LoadRequest load_request(const Layout& layout, const std::string& program_folder);

/// Reads the facts of the host, including those that only this pod needs. A seccomp profile that cannot be read is left
/// out.
pod::HostFacts read_facts_for(const pod::Pod& pod, const std::string& storage, const std::string& seccomp_profiles);

/// What keeps a pod from being loaded.
struct LoadFailure {
  ExitStatus status;          ///< Invalid: the manifest has a mistake; CannotStart: only the host lacks something
  std::vector<Error> errors;  ///< most with the field of the manifest that they are about
};

/// Compiles and verifies the plan. The failure has all mistakes. If images are missing, it has those that show without
/// them, and is CannotStart if there is none.
std::expected<pod::PodPlan, LoadFailure> compile_pod(const pod::Pod& pod, const pod::Images& images,
                                                     const pod::HostFacts& facts,
                                                     const pod::RunParameters& run_parameters);

/// The mounts and working directories of a plan that cannot be as the manifest wants them, each at its field, in the
/// words of the step that would fail. For `podrun check`: a start makes them, and reports the step.
std::vector<Error> foreseen_errors(const pod::Pod& pod, const pod::PodPlan& plan);

/// Finds the images, reads the host's facts, compiles and verifies. The failure has all errors.
std::expected<LoadedPod, LoadFailure> try_load(LoadRequest request);

/// The errors of a pod that validate() has refused on this host. Some may be only consequences of what is known to be
/// wrong.
LoadFailure failure_of_unsound(const LoadRequest& request);

/// try_load() with the errors as text: "podrun: SOURCE: MESSAGE", for a pod whose text is not at hand.
CommandResult<LoadedPod> load(LoadRequest request);

}  // namespace podrun::supervisor
