// Converts the host steps of one container to shell. The script executes them before it starts the container.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/script/script_text.hpp"

namespace podrun::pod::script {

/// The state that the containers of one script share.
struct PodScript {
  const PodPlan& plan;
  Reasons reasons;
  std::set<std::string> namespaces;  ///< variables of namespaces that have been made; the value of each is a pid
};

/// The place of a root that is an overlay. The container's process mounts it.
inline constexpr std::string_view overlay_place = "overlay";

/// The place of the proc of a PID namespace in which other processes live. The container's process mounts it.
inline constexpr std::string_view proc_place = "proc";

/// The host steps in shell. The vectors are indexed by slot.
struct HostPart {
  std::string lines;
  std::vector<std::string> places;       ///< the slot as a word: a pid, a path, overlay_place or proc_place
  std::vector<std::string> options;      ///< options of a tree's mount: "nodev", "nodev,noexec"; may be empty
  std::vector<std::string> propagation;  ///< propagation of that mount: "rprivate"
  std::vector<std::string> preparation;  ///< lines before that mount, which make a missing subPath
  std::string overlay;                   ///< lines that mount the overlay at $root
};
HostPart host_part(PodScript& pod, const ContainerPlan& plan);

}  // namespace podrun::pod::script
