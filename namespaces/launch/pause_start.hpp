// How one process becomes a pod: it forks the supervisor and turns into the pause.
//
//   podrun web.yaml ──fork──▶ the supervisor (session of its own)
//         └─exec─▶ podrun-pause: same pid, so the shell's job and systemd's main process is the pause
//
// With -d the caller's process first forks that one, and waits to hear that the pod has started.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Blocks every signal and gives SIGCHLD its default back: what is sent from now on waits for the pause.
void block_signals();

/// Raises the soft limit of open descriptors to the hard one, for pause and supervisors: each container costs its pause
/// ten of them. Containers have limits of their own, step::ResourceLimits. Returns it.
std::size_t raise_descriptor_limit();

/// oom_score_adj becomes -999, proc(5): of this process and whatever it makes, pause and supervisors alike. A
/// container's process takes it back. Without CAP_SYS_RESOURCE it stays as it is, and nothing fails.
void spare_from_oom_killer();

/// A descriptor that the pause holds for supervisors to come.
struct NamedFd {
  std::string name;
  Fd fd;
};

/// What the pause is given.
struct PauseStart {
  std::string program;               ///< path of podrun-pause
  Fd mount{};                        ///< the same, open_program(): containers see a process of it. Empty: by its path
  std::string pod;                   ///< <namespace>_<name>
  std::vector<std::string> command;  ///< starts a later supervisor; [0] is the path
  std::vector<NamedFd> holds;        ///< held from its first instant on, whatever becomes of the first supervisor
};

/// What the supervisor is left with.
struct PauseConnection {
  Fd socket;        ///< to the pause
  pid_t pause = 0;
};

/// Forks. Returns in the child only: the parent executes the pause, with `lock` and its end of the socket. If that exec
/// fails the parent exits with 3 and says why on stderr; the child sees the end of the socket.
Result<PauseConnection> fork_supervisor(PauseStart start, Fd lock);

/// Which side of detach() one is on.
struct Detached {
  bool caller = false;  ///< the process the user started; else the one that goes on
  Fd ready;             ///< the caller reads from it what the supervisor has to say; the other side writes
};

/// Forks a process with a session of its own, stdin and stdout on /dev/null, stderr on `log`. It keeps no
/// descriptor of the caller's.
Result<Detached> detach(Fd log);

/// Closes all descriptors from 3 on but the front's: what a caller let us inherit is none of the pod's business.
void close_inherited_descriptors();

}  // namespace podrun::ns
