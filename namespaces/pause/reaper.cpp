// The pause's children.
#include "namespaces/pause/reaper.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace podrun::pause {

int wait_status(const siginfo_t& end) { return end.si_code == CLD_EXITED ? end.si_status << 8 : end.si_status; }

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

/// waitid(2) is called by pid: for any child it would return the first kept zombie for ever.
void reap(pid_t pid) {
  siginfo_t info;
  waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | __WALL);
}

int64_t reap_command(pid_t pid) {
  siginfo_t info = {};
  waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | __WALL);
  return has_ended | (info.si_pid == pid ? wait_status(info) : SIGKILL);  // the status may be lost; it is no success
}

pid_t ended_unregistered_child(Registry& kept, pid_t supervisor) {
  siginfo_t ended = {};
  if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0) return 0;
  return ended.si_pid == supervisor || kept.has_child(ended.si_pid) ? 0 : ended.si_pid;
}

/// A PID namespace's first process ends only when the others in it have been reaped, and those are children of the
/// pause.
void end_init(int init) {
  siginfo_t info;
  syscall(SYS_pidfd_send_signal, init, SIGKILL, nullptr, 0);
  pollfd ended = {init, POLLIN, 0};
  while (poll(&ended, 1, 0) == 0)
    if (waitid(P_ALL, 0, &info, WEXITED | __WALL) < 0) break;
}

}  // namespace podrun::pause
