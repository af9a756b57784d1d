// Compiles the attributes of a container's process: user, command, environment, working directory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pod/environment/environment.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/image.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The user and groups of a container's process.
struct Identity {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  ///< supplementary groups, preceded by the primary one
  std::string home = "/";
};

/// Determines the identity: runAsUser and runAsGroup, or else the image's User, or else root. The groups are
/// supplementalGroups, fsGroup and, unless the pod's policy is Strict, those of the user in the image's /etc/group.
/// Errors: a name does not exist in the image, a number is not an id, the user is root although runAsNonRoot is set.
Result<Identity> identify(const Container& container, const Image& image, const PodSecurityContext& pod);

/// The Exec step: `command` and `args`, or the image's Entrypoint and Cmd, with references expanded. The environment
/// has the default variables, then those of the image, then those of the manifest. Errors: there is no command, a
/// string contains NUL.
Result<step::Exec> compile_exec(const Container& container, const Image& image, const Identity& identity,
                                std::string_view hostname, const DeclaredVariables& declared);

/// `workingDir`, or else the image's, or else "/". Error: a relative path.
Result<std::string> working_directory(const Container& container, const Image& image);

/// The probes. Their commands are expanded with the values in `env`; a variable with valueFrom is "", as for the
/// kubelet. Those of hooks are not expanded.
Probes compile_probes(const Container& container);

/// `lifecycle.stopSignal`, or else the image's StopSignal, or else SIGTERM. Error: the image's is not a signal.
Result<int> stop_signal_of(const Container& container, const Image& image);

}  // namespace podrun::pod
