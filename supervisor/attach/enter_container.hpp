// Runs an entering plan, for `podrun exec` and `podrun debug`.
#pragma once

#include <string>
#include <string_view>

#include "pod/plan/plan.hpp"
#include "supervisor/attach/exec_target.hpp"
#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {

/// Prints an error of podrun itself to stderr; returns 125.
ExitStatus cannot_enter(std::string_view sentence);

/// The command's standard streams, as the command line asks for them.
struct EnterStreams {
  bool input = false;     ///< -i: pass stdin on
  bool terminal = false;  ///< -t: give the command a pty
};

/// Whether a terminal is wanted (-t) but stdin is not one; prints a note then.
bool lacks_terminal(bool wanted);

/// $TERM for a command with a terminal; "" without one.
std::string terminal_type(bool wanted);

/// What differs between entering plans, besides the plan.
struct EnterDescriptors {
  const std::string& program;  ///< path of podrun, to find podrun-entry
  int aux_fd;                  ///< pod::enter_slot::aux_fd
  int devpts;                  ///< devpts in which the pty is made, if a terminal is wanted
  int cells;                   ///< the pod's /c below its cover, for debug
};

/// Verifies the plan, runs it in the target, and serves the command's streams until the command has ended. Returns its
/// exit status, or 125, 126 or 127.
ExitStatus enter_container(const ExecTarget& target, const pod::ContainerPlan& plan, const EnterDescriptors& way,
                           const EnterStreams& streams);

}  // namespace podrun::supervisor
