// What a container's process is: who it runs as, what it executes, and in what environment.
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

/// The user a container's process runs as.
struct Identity {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  ///< supplementary; the primary one first
  std::string home = "/";
};

/// runAsUser and runAsGroup, else the image's User, else root; with the groups that the image's /etc/group gives the
/// user (unless the pod's policy is Strict), supplementalGroups and fsGroup. Errors: a name the image does not know, a
/// number that is no id, root in spite of runAsNonRoot.
Result<Identity> identify(const Container& container, const Image& image, const PodSecurityContext& pod);

/// `command` and `args` over the image's Entrypoint and Cmd, references expanded, with the environment:
/// defaults, then the image's, then the manifest's. Errors: no command at all, a NUL in a string.
Result<step::Exec> compile_exec(const Container& container, const Image& image, const Identity& identity,
                                std::string_view hostname, const DeclaredVariables& declared);

/// `workingDir`, else the image's, else "/". Error: a relative path.
Result<std::string> working_directory(const Container& container, const Image& image);

}  // namespace podrun::pod
