// A container's plan → the plan of one more process in it, `podrun exec`, or beside it, `podrun debug`.
#pragma once

#include <string>
#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The slots of an entering plan that enter() provides, with `gate` and `report`, which are where every plan has them.
/// For debug there is also "cells", the pod's /c beneath its cover; if there is to be a terminal "terminal", one end of
/// a pty, and for debug "devpts", where that is.
namespace enter_slot {
inline constexpr Slot container = 0;  ///< pidfd of the container's first process: whose namespaces to enter
inline constexpr Slot aux_fd = 1;     ///< exec: the container's root, O_PATH, opened before anything was entered;
                                      ///< debug: pidfd of the pause, whose mount namespace is copied
}  // namespace enter_slot

/// What is to be executed, and how much of the container's it gets.
struct EnterRequest {
  std::vector<std::string> argv;
  NamespaceSet kinds;                         ///< of the container's namespaces; the others stay the host's
  std::string terminal;                       ///< $TERM; empty: no terminal
  std::vector<std::string> host_environment;  ///< of a process that keeps the host's root
};

/// All eight.
NamespaceSet every_kind();

/// The steps of a process that enters: no host steps, no gate, the container's own ids, capabilities, environment and
/// working directory. Without the mount namespace it keeps the host's root, and then also the caller's ids,
/// capabilities, environment and working directory: a tool of the host's among the container's namespaces.
/// The result always passes verify_entering().
ContainerPlan compile_enter(const ContainerPlan& target, EnterRequest request);

/// The start of a stand-in (compile_stand_in()) → the steps of a process that enters the namespaces of the one it
/// stands in for, but for its mounts: the stand-in's root, in a copy of the pod's mount namespace. `directory`: where
/// the storage of its writable layer, which is in memory, is mounted for a moment. `terminal`: as EnterRequest's. The
/// result always passes verify_entering().
ContainerPlan compile_debug(ContainerPlan stand_in, std::string directory, const std::string& terminal);

}  // namespace podrun::pod
