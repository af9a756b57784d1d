// The pause: the pod's main process. It holds the pod's namespaces (mnt, net, ipc and uts are its own; pid, user,
// cgroup and time are the host's), is the parent of every container and of the supervisor, and does only this: it keeps
// what supervisors register, sends the signals that they ask for, reaps what they have recorded, kills a supervisor
// that hangs, and starts another when one dies.
//
//   podrun-pause POD SUPERVISOR-PID COMMAND…     socket on descriptor 3, lock on 4; COMMAND starts a later supervisor
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "namespaces/pause/messages.hpp"
#include "namespaces/pause/pause.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "namespaces/pause/poll_set.hpp"
#include "namespaces/pause/reaper.hpp"
#include "namespaces/pause/supervisors.hpp"
#include "namespaces/pause/transport.hpp"

namespace podrun::pause {
namespace {

constexpr const char* namespace_paths[4] = {"/proc/self/ns/net", "/proc/self/ns/ipc", "/proc/self/ns/uts",
                                            "/proc/self/ns/mnt"};

void handle_signal(Pause& pause, const signalfd_siginfo& info) {
  if (!pause.stops.add({info.ssi_signo, info.ssi_code, info.ssi_pid, boottime_now() / 1'000'000})) return;
  // The count is kept: a later supervisor asks for it.
  send_message(pause.socket, {.op = Op::Stop, .a = pause.stops.count()}, nullptr, 0);
  ask(pause);
}

/// Reports one at a time, because a kept zombie hides those after it: the next one shows when the supervisor has had
/// this one reaped. A supervisor that has not adopted yet looks for them itself.
void report_unregistered_children(Pause& pause) {
  if (!pause.adopted || pause.leaving || pause.supervisor == 0) return;
  const pid_t pid = ended_unregistered_child(pause.kept, pause.supervisor);
  if (pid == 0 || pid == pause.unregistered_child) return;
  pause.unregistered_child = pid;
  send_message(pause.socket, {.op = Op::UnregisteredChild, .a = pid}, nullptr, 0);
}

void read_signals(Pause& pause, int signals) {
  signalfd_siginfo info;
  while (read(signals, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == static_cast<uint32_t>(SIGRTMIN)) ask(pause);  // the supervisor has used CPU time
    handle_signal(pause, info);
  }
  siginfo_t child = {};
  if (pause.supervisor == 0 ||
      waitid(P_PID, static_cast<id_t>(pause.supervisor), &child, WEXITED | WSTOPPED | WNOHANG) < 0 || child.si_pid == 0)
    return;
  if (child.si_code == CLD_STOPPED) return ask(pause);
  supervisor_died(pause, child);
}

[[noreturn]] void serve(Pause& pause, int signals) {
  static constinit PollSet poll_set;
  for (;;) {
    poll_set.gather(signals, pause.supervisor ? pause.socket : -1, pause.leaving ? -1 : pause.init, pause.kept);
    const int due = poll(poll_set.fds, poll_set.count, pause.supervisor ? pause.watchdog.timeout_ms() : pause.delay_ms);
    if (due == 0 && pause.supervisor == 0) start_supervisor(pause);
    if (poll_set.mark_ended()) {  // a child has ended, which is work for the supervisor
      report_ended_commands(pause);
      ask(pause);
    }
    if (poll_set.supervisor().revents & POLLIN) read_messages(pause);
    // Its socket is closed, so it is ending: wait for the signal instead of spinning on POLLHUP.
    else if (poll_set.supervisor().revents) poll(poll_set.fds, 1, pause.watchdog.timeout_ms());
    // With the init every process of its PID namespace has ended. The supervisor sees the end of the socket and ends
    // the rest.
    if (poll_set.has_init_ended() && !pause.leaving) _exit(70);
    read_signals(pause, signals);
    report_unregistered_children(pause);
    if (pause.supervisor > 0 && pause.watchdog.has_expired()) kill(pause.supervisor, SIGKILL);
  }
}

}  // namespace
}  // namespace podrun::pause

int main(int argc, char** argv) {
  using namespace podrun::pause;
  if (argc < 4) return 70;
  adopt_orphans();  // it becomes the parent of what podrun-entry makes, and of orphans in the host's PID namespace
  static constinit Pause pause;
  pause.argv = argv;
  pause.command = argv + 3;

  prctl(PR_SET_NAME, "podrun-pause");
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // This comes before any other descriptor gets the number. It is no directory, so nothing can be made in it.
  if (dup2(open("/dev/null", O_PATH | O_CLOEXEC), cells_fd) >= 0) fcntl(cells_fd, F_SETFD, FD_CLOEXEC);
  sigset_t all;
  memset(&all, 0xff, sizeof all);  // sigfillset() would leave out those that libc reserves for threads
  sigprocmask(SIG_BLOCK, &all, nullptr);
  signal(SIGCHLD, SIG_DFL);  // if it were inherited as ignored, exit statuses would be lost
  struct sigaction hangup;
  if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler == SIG_IGN) pause.stops.ignore_hangups();
  fcntl(socket_fd, F_SETFD, FD_CLOEXEC);
  fcntl(lock_fd, F_SETFD, FD_CLOEXEC);
  for (int i = 0; i < 4; ++i) pause.host_namespaces[i] = open(namespace_paths[i], O_RDONLY | O_CLOEXEC);

  int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) return 70;
  take_supervisor(pause, socket_fd, atoi(argv[2]));
  // The supervisor may have died already: resetting SIGCHLD to its default has discarded a pending one, sigaction(2).
  read_signals(pause, signals);
  serve(pause, signals);
}
