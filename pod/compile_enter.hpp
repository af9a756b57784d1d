// A container's plan → the plan of one more process in it: `podrun exec`.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pod/plan.hpp"
#include "pod/result.hpp"

namespace podrun::pod {

/// The slots of an entering plan. `gate` and `report` are where every plan has them.
namespace enter_slot {
inline constexpr Slot container = 0;  ///< pidfd of the container's first process: whose namespaces to enter
inline constexpr Slot root = 1;       ///< its root, O_PATH, opened before anything was entered
inline constexpr Slot terminal = 4;   ///< one end of a pty, if there is to be one
inline constexpr std::array<std::string_view, 5> names{"container", "root", slot::names[slot::gate],
                                                       slot::names[slot::report], "terminal"};
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

}  // namespace podrun::pod
