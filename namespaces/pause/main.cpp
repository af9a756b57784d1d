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
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "namespaces/pause/pause_protocol.hpp"
#include "namespaces/pause/poll_set.hpp"
#include "namespaces/pause/reaper.hpp"
#include "namespaces/pause/registry.hpp"
#include "namespaces/pause/sandbox.hpp"
#include "namespaces/pause/stop_signals.hpp"
#include "namespaces/pause/transport.hpp"
#include "namespaces/pause/watchdog.hpp"

namespace podrun::pause {
namespace {

constexpr int first_delay_ms = 100;
constexpr int longest_delay_ms = 10'000;
constexpr timeval longest_send = {10, 0};  // how long it waits for a supervisor that does not read

struct Pause {
  int socket = socket_fd;
  pid_t supervisor = 0;  // 0: none, so another must be started
  bool adopted = false;  // the current supervisor has adopted what the pause holds
  int delay_ms = 0;      // before the next supervisor; grows while they die before adopting
  char** argv = nullptr;
  char** command = nullptr;
  int host_namespaces[4] = {};
  int32_t steps_done = 0;
  bool step_failed = false;    // the steps after it are refused
  bool own_mounts = false;     // without them, Root would detach the host's root
  int init = -1;               // pidfd of the pod's init, if it has one
  bool leaving = false;        // the supervisor ends the pod
  bool ask_due = false;        // there was work before the supervisor could be asked
  pid_t unregistered_child = 0;  // the one that was reported to the supervisor
  StopSignals stops;             // INT, TERM, HUP so far
  int64_t previous_exit = 0;     // PreviousExit
  Watchdog watchdog;
  Registry kept;
};

constexpr const char* namespace_paths[4] = {"/proc/self/ns/net", "/proc/self/ns/ipc", "/proc/self/ns/uts",
                                            "/proc/self/ns/mnt"};
constexpr int namespace_flags[4] = {CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWNS};

/// All steps are sent at once, so after one has failed the rest must be refused here.
int32_t try_step(Pause& pause, const Message& step, int cgroup, int* made) {
  const auto op = static_cast<SandboxOp>(step.a);
  if (pause.step_failed) return ECANCELED;
  if (op == SandboxOp::Root && !pause.own_mounts) return EPERM;
  if (int error = do_sandbox_step(step, cgroup, pause.argv, made)) return pause.step_failed = true, error;
  if (op == SandboxOp::Unshare && step.value & CLONE_NEWNS) pause.own_mounts = true;
  ++pause.steps_done;
  return 0;
}

int64_t boottime_now() {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

void answer_step(Pause& pause, const Message& step, int cgroup) {
  int made = -1;
  const int64_t begin = boottime_now();
  Message reply{.op = Op::Stepped, .a = try_step(pause, step, cgroup, &made)};
  reply.value = boottime_now();
  reply.b = static_cast<int32_t>(reply.value - begin);
  send_message(pause.socket, reply, &made, made >= 0 ? 1 : 0);
  if (made < 0) return;
  Message hold{.op = Op::Hold};
  const bool is_init = static_cast<SandboxOp>(step.a) == SandboxOp::Init;
  strcpy(hold.name, is_init ? init_hold : cells_hold);
  pause.kept.keep(hold, &made, 1);
  if (is_init) pause.init = made;
}

void answer_list(Pause& pause) {
  for (const RegistryItem& kept : pause.kept) {
    if (!kept.used) continue;
    Message item{.op = Op::Item, .a = kept.pid, .b = kept.instance};
    item.value = kept.signalled;
    memcpy(item.name, kept.name, sizeof item.name);
    if (!send_message(pause.socket, item, kept.fds, kept.count)) return;
  }
  const Message end{.op = Op::End, .a = pause.steps_done, .b = pause.stops.count(), .value = pause.previous_exit};
  send_message(pause.socket, end, nullptr, 0);
}

/// Ends the pause. The supervisor has cleaned up and exits, so nothing of the pod is left afterwards.
[[noreturn]] void end_pod(const Pause& pause, int code) {
  siginfo_t info;
  if (pause.supervisor > 0) waitid(P_PID, static_cast<id_t>(pause.supervisor), &info, WEXITED);
  if (pause.init >= 0) end_init(pause.init);
  _exit(code);
}

void ask(Pause& pause) {
  pause.ask_due = !pause.adopted;
  if (pause.supervisor > 0 && pause.watchdog.ask()) send_message(pause.socket, {.op = Op::Ask}, nullptr, 0);
}

void note_adopted(Pause& pause, int32_t answer_timeout_ms) {
  pause.adopted = true;
  pause.delay_ms = 0;
  pause.watchdog.adopted(answer_timeout_ms);
  if (pause.ask_due) ask(pause);
}

void note_reaped(Pause& pause, pid_t pid) {
  reap(pid);
  pause.kept.drop_child(pid);
  if (pid == pause.unregistered_child) pause.unregistered_child = 0;
}

void handle(Pause& pause, const Message& message, const int* fds, unsigned count) {
  switch (message.op) {
    case Op::Step: answer_step(pause, message, count > 0 ? fds[0] : -1); break;
    case Op::Register:
    case Op::Hold: pause.kept.keep(message, fds, count); return;
    case Op::Release: pause.kept.drop_hold(message.name); break;
    case Op::List: answer_list(pause); break;
    case Op::Signal: pause.kept.signal_child(message.a, message.b); break;
    case Op::Reap: note_reaped(pause, message.a); break;
    case Op::Adopted: note_adopted(pause, message.a); break;
    case Op::Answer: pause.watchdog.answered(); break;
    case Op::Leaving:
      pause.leaving = true;
      pause.watchdog.end();
      break;
    case Op::Quit: end_pod(pause, message.a);
    case Op::Stepped:
    case Op::Item:
    case Op::End:
    case Op::Stop:
    case Op::Ask:
    case Op::UnregisteredChild: break;
  }
  for (unsigned i = 0; i < count; ++i) close(fds[i]);
}

/// Handles everything that is in the socket. What a supervisor has sent counts, also after its death.
void read_messages(Pause& pause) {
  Message message{};
  int fds[max_descriptors];
  unsigned count = 0;
  while (receive_message(pause.socket, message, fds, count, MSG_DONTWAIT)) handle(pause, message, fds, count);
}

/// Runs in the new supervisor's process: makes a session, returns to the host's namespaces (which also resets root and
/// working directory), and executes the program, by its path or, if that is gone, by the descriptor that the pause
/// holds.
[[noreturn]] void become_supervisor(const Pause& pause, int socket) {
  setsid();
  for (int i = 0; i < 4; ++i)
    if (setns(pause.host_namespaces[i], namespace_flags[i]) < 0) _exit(70);
  int program = pause.kept.held(program_hold);
  if (dup2(socket, socket_fd) < 0) _exit(70);
  fcntl(socket_fd, F_SETFD, 0);
  execv(pause.command[0], pause.command);
  syscall(SYS_execveat, program, "", pause.command, environ, AT_EMPTY_PATH);
  _exit(70);
}

void take_supervisor(Pause& pause, int socket, pid_t pid) {
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &longest_send, sizeof longest_send);
  pause.socket = socket;
  pause.supervisor = pid;
  pause.adopted = false;
  pause.unregistered_child = 0;
  pause.watchdog.begin(pid);
}

void start_supervisor(Pause& pause) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return;
  pid_t child = fork();
  if (child == 0) become_supervisor(pause, pair[1]);
  close(pair[1]);
  if (child < 0) {
    close(pair[0]);
    return;
  }
  close(pause.socket);
  take_supervisor(pause, pair[0], child);
}

void supervisor_died(Pause& pause, const siginfo_t& end) {
  read_messages(pause);
  const int status = end.si_code == CLD_EXITED ? end.si_status << 8 : end.si_status;
  pause.previous_exit = previous_existed | status;
  if (pause.watchdog.hung()) pause.previous_exit |= previous_hung;
  pause.watchdog.end();
  pause.supervisor = 0;
  if (pause.adopted) return;
  pause.delay_ms = pause.delay_ms == 0 ? first_delay_ms : pause.delay_ms * 2;
  if (pause.delay_ms > longest_delay_ms) pause.delay_ms = longest_delay_ms;
}

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
    if (poll_set.mark_ended()) ask(pause);  // a container has ended, which is work for the supervisor
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
