// The host half of one container of a shell script: what the script itself does before it starts the
// container. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/script/script_text.hpp"

namespace podrun::pod::script {

/// What the containers of one script have in common.
struct PodScript {
  const PodPlan& plan;
  Reasons reasons;
  std::set<std::string> namespaces;  ///< the variables of those that were made, each of which holds a pid
};

/// A root that is an overlay is mounted by the container's process: this is its place.
inline constexpr std::string_view overlay_place = "overlay";

/// So is the proc of a PID namespace that others live in, too.
inline constexpr std::string_view proc_place = "proc";

/// What the host steps come to.
struct HostPart {
  std::string lines;
  std::vector<std::string> places;  ///< what each slot is, as a word: a pid, a path, overlay_place or proc_place
  std::vector<std::string> options;  ///< of the mount of a tree, by slot: "nodev", "nodev,noexec"; may be empty
  std::vector<std::string> propagation;  ///< of that mount: "rprivate"
  std::vector<std::string> preparation;  ///< lines before it is made: a subPath that is missing
  std::string overlay;              ///< the lines that mount the overlay at $root
};
HostPart host_part(PodScript& pod, const ContainerPlan& plan);

}  // namespace podrun::pod::script
