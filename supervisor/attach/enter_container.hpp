// What `podrun exec` and `podrun debug` have in common: from an entering plan to its command's exit status.
#pragma once

#include <string>
#include <string_view>

#include "pod/plan/plan.hpp"
#include "supervisor/attach/exec_target.hpp"
#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {

/// An error of podrun's own on stderr; returns 125.
ExitStatus cannot_enter(std::string_view sentence);

/// What a command line asks of the command's standard streams.
struct EnterStreams {
  bool input = false;     ///< -i: pass stdin on
  bool terminal = false;  ///< -t: give the command a pty
};

/// Whether a terminal is wanted (-t) and stdin is none; a note then says so.
bool lacks_terminal(bool wanted);

/// $TERM of a command that gets a terminal; "" without one.
std::string terminal_type(bool wanted);

/// The descriptors that differ between entering plans.
struct EnterDescriptors {
  const std::string& program;  ///< of podrun, beside which podrun-entry lies
  int aux_fd;                  ///< pod::enter_slot::aux_fd
  int devpts;                  ///< where the terminal's pty is to be, if there is to be one
  int cells;                   ///< the pod's /c beneath its cover, for debug
};

/// Verifies and runs the plan in the target, attends its command until it has ended. Its exit status, or 125, 126, 127.
ExitStatus enter_container(const ExecTarget& target, const pod::ContainerPlan& plan, const EnterDescriptors& way,
                           const EnterStreams& streams);

}  // namespace podrun::supervisor
