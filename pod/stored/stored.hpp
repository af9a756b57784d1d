// What was compiled, as the bytes that the pause keeps for later supervisors and for commands that enter containers:
// nobody compiles it again, so an upgrade of podrun changes nothing that runs. The bytes may contain values of Secrets,
// and belong in memory, never in a file.
//
// A text names its version and the podrun that wrote it. Every version is read forever (tests/pod/stored/data); a newer
// one is an error that names that podrun, with the number EPROTONOSUPPORT; a field that its version does not have is an
// error that names it, too.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "pod/compile/compile.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/image.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The version that this podrun writes. 1: all containers were app containers, with the restart policy of their pod.
/// 2: containers had no probes, no hooks, and SIGTERM as stop signal. 3: pods had no network but loopback or the host's.
/// 4: images were one directory each, and were there when the pod was compiled; each pod's table had all rules.
inline constexpr unsigned stored_version = 5;

/// A pod after defaults with the Services of its namespace and without the objects that it refers to, and its plan
/// without those of its containers. The plans have what the pod uses of Secrets and ConfigMaps.
struct StoredPod {
  Pod pod;
  PodPlan plan;
};
/// `podrun` is the version of the program that writes.
std::string to_stored(const Pod& pod, const PodPlan& plan, std::string_view podrun);
Result<StoredPod> parse_stored_pod(std::string_view text);

/// A revision: one plan of one container, with its number. Instances are started from revisions.
struct StoredRevision {
  std::string pod;  ///< PodPlan::id
  unsigned number = 0;
  ContainerPlan plan;
};
std::string to_stored(const std::string& pod, unsigned number, const ContainerPlan& plan, std::string_view podrun);
Result<StoredRevision> parse_stored_revision(std::string_view text);

/// What compiles the next revision of a container with variables from files, or with an image that is fetched, together
/// with its StoredPod. A pod without such containers has none.
struct StoredInputs {
  Images images;
  HostFacts facts;
  std::string uid, storage, claims;  ///< those of RunParameters
  // The objects that variables of such containers refer to, by name, and the Secrets for fetching images.
  std::map<std::string, ConfigMap> config_maps;
  std::map<std::string, Secret> secrets;
};
std::string to_stored(const StoredInputs& inputs, std::string_view podrun);
Result<StoredInputs> parse_stored_inputs(std::string_view text);

}  // namespace podrun::pod
