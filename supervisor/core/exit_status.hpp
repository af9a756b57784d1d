// The exit statuses of podrun, on which scripts and systemd rely: podrun(1), EXIT STATUS.
#pragma once

namespace podrun::supervisor {

/// An exit status of podrun.
enum class ExitStatus : int {
  Succeeded = 0,     ///< the pod Succeeded or was stopped on request; a command did its work
  Failed = 1,        ///< the pod Failed
  Invalid = 2,       ///< wrong command line or manifest; nothing was created
  CannotStart = 3,   ///< a step failed, the host lacks something, or the caller is not root; nothing is left behind
  NameConflict = 4,  ///< a pod of that name already runs, or there is no such pod
  Bug = 70,          ///< an internal error (EX_SOFTWARE of sysexits.h)

  // Of exec and debug; any other status of these is the one of the command that they run.
  CannotEnter = 125,    ///< podrun itself failed
  NotExecutable = 126,  ///< the command exists but cannot be executed
  NotFound = 127,       ///< the command does not exist
};

}  // namespace podrun::supervisor
