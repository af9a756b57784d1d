// Turns one process into a pod: it forks the supervisor and executes the pause.
//
//   podrun web.yaml ──fork──▶ the supervisor (session of its own)
//         └─exec─▶ podrun-pause: same pid, so the shell's job and systemd's main process is the pause
//
// With -d, the caller's process has forked the one that does this, and waits until the pod has started.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Blocks every signal and resets SIGCHLD to its default: signals that are sent from now on stay pending for the pause.
void block_signals();

/// Raises the soft limit of open descriptors to the hard limit, for the pause and the supervisors: each container costs
/// the pause ten. Containers have limits of their own, step::ResourceLimits. Returns the limit.
std::size_t raise_descriptor_limit();

/// Sets oom_score_adj to -999, proc(5), for this process and all that it makes, pause and supervisors included. A
/// container's process resets it. Without CAP_SYS_RESOURCE it stays as it is, and that is no error.
void spare_from_oom_killer();

/// A descriptor that the pause holds for later supervisors, and those that it holds under the same name.
struct NamedFd {
  std::string name;
  Fd fd;
  std::vector<Fd> others{};  ///< fewer than pause::max_descriptors
};

/// What the pause is started with.
struct PauseStart {
  std::string program;               ///< path of podrun-pause
  Fd mount{};                        ///< the same by open_program(), as containers see a process of it; may be empty
  std::string pod;                   ///< <namespace>_<name>
  std::vector<std::string> command;  ///< starts a later supervisor; [0] is the path
  std::vector<NamedFd> holds;        ///< held from the beginning, whatever happens to the first supervisor
};

/// What the supervisor gets.
struct PauseConnection {
  Fd socket;  ///< the supervisor's end of the pause protocol
  pid_t pause = 0;
};

/// Forks. Returns in the child only; the parent executes the pause, with `lock` and its end of the socket. If that exec
/// fails, the parent exits with 3 and prints the reason to stderr; the child sees the end of file of the socket.
Result<PauseConnection> fork_supervisor(PauseStart start, Fd lock);

/// Leaves the caller of `podrun -d`: a session of its own, stdin and stdout on /dev/null, stderr on `log`. From now on
/// this process outlives its parent.
Result<> leave_caller(const Fd& log);

/// The pipe to the front that waits for a start with -d; empty if the front does not wait. May be called once, before
/// close_inherited_descriptors().
Fd take_caller_pipe();

/// Closes all descriptors from 3 on, except the front's, so that the pod keeps none that the caller left open. `kept` is
/// what take_caller_pipe() has returned.
void close_inherited_descriptors(const Fd& kept);

}  // namespace podrun::ns
