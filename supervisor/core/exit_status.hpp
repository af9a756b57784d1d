// The exit statuses of podrun, a contract with scripts and systemd: podrun(1), EXIT STATUS.
#pragma once

namespace podrun::supervisor {

enum class ExitStatus : int {
  Succeeded = 0,     ///< the pod Succeeded, or was stopped on request; a verb did its work
  Failed = 1,        ///< the pod Failed
  Invalid = 2,       ///< wrong command line or manifest; nothing was created
  CannotStart = 3,   ///< a step, the host, or no root; nothing is left
  NameConflict = 4,  ///< the name already runs, or no such pod
  Bug = 70,          ///< an internal error (EX_SOFTWARE of sysexits.h)

  // exec and debug, whose other statuses are their command's
  CannotEnter = 125,    ///< podrun failed, for whatever reason
  NotExecutable = 126,  ///< the command is there, but cannot be executed
  NotFound = 127,       ///< it is not there
};

}  // namespace podrun::supervisor
