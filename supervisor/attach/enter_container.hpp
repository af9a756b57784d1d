// What `podrun exec` and `podrun debug` have in common: from an entering plan to its command's exit status.
#pragma once

#include <string>
#include <string_view>

#include "pod/plan/plan.hpp"
#include "supervisor/attach/exec_target.hpp"

namespace podrun::supervisor {

/// An error of podrun's own on stderr; returns 125.
ExitStatus cannot_enter(std::string_view sentence);

/// Says why the command line's terminal cannot be had, if it asks for one: stdin must be one.
bool lacks_terminal(const Options& options);

/// $TERM, if the command line asks for a terminal.
std::string requested_terminal(const Options& options);

/// The descriptors that differ between entering plans.
struct EnterDescriptors {
  const std::string& program;  ///< of podrun, beside which podrun-entry lies
  int aux_fd;                  ///< pod::enter_slot::aux_fd
  int devpts;                  ///< where the terminal's pty is to be, if there is to be one
  int cells;                   ///< the pod's /c beneath its cover, for debug
};

/// Verifies and runs the plan in the target, attends its command until it has ended. Its exit status, or 125, 126, 127.
ExitStatus enter_container(const ExecTarget& target, const pod::ContainerPlan& plan, const EnterDescriptors& way,
                           const Options& options);

}  // namespace podrun::supervisor
