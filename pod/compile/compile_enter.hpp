// Derives the plan of an additional process from a container's plan: in the container for `podrun exec`, or with a root
// of its own for `podrun debug`.
#pragma once

#include <string>
#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The slots of an entering plan that enter() provides, in addition to `gate` and `report`, which are the same in every
/// plan. debug has also "cells", the pod's /c below its cover. With a terminal there is "terminal", one end of a pty,
/// and in debug "devpts", the devpts of the pty.
namespace enter_slot {
inline constexpr Slot container = 0;  ///< pidfd of the container's first process, whose namespaces are entered
inline constexpr Slot aux_fd = 1;     ///< exec: the container's root, O_PATH, opened before any namespace is entered;
                                      ///< debug: pidfd of the pause, whose mount namespace is copied
}  // namespace enter_slot

/// The command to execute, and the namespaces to enter.
struct EnterRequest {
  std::vector<std::string> argv;
  NamespaceSet kinds;                         ///< the container's namespaces to enter; the others are the host's
  std::string terminal;                       ///< $TERM; empty: no terminal
  std::vector<std::string> host_environment;  ///< environment of a process that keeps the host's root
};

/// All eight kinds.
NamespaceSet every_kind();

/// The plan of a process that enters a container, with the container's ids, capabilities, environment and working
/// directory, and without host steps and gate. Without the mount namespace the process keeps the host's root and the
/// caller's ids, capabilities, environment and working directory, to run a tool of the host in the container's other
/// namespaces. The result satisfies verify_entering().
ContainerPlan compile_enter(const ContainerPlan& target, EnterRequest request);

/// The plan of a process that has the root of a stand-in (compile_stand_in()), in a copy of the pod's mount namespace,
/// and enters the other namespaces of the container. `directory` is where the tmpfs of the stand-in's writable layer is
/// mounted temporarily. `terminal` is as in EnterRequest. The result satisfies verify_entering().
ContainerPlan compile_debug(ContainerPlan stand_in, std::string directory, const std::string& terminal);

}  // namespace podrun::pod
