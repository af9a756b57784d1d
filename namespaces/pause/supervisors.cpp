// Starts supervisors, one after another.
#include "namespaces/pause/supervisors.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "namespaces/pause/messages.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "namespaces/pause/reaper.hpp"

namespace podrun::pause {
namespace {

constexpr int first_delay_ms = 100;
constexpr int longest_delay_ms = 10'000;
constexpr timeval longest_send = {10, 0};  // how long it waits for a supervisor that does not read

constexpr int namespace_flags[4] = {CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWNS};

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

}  // namespace

void take_supervisor(Pause& pause, int socket, pid_t pid) {
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &longest_send, sizeof longest_send);
  pause.socket = socket;
  pause.supervisor = pid;
  pause.adopted = false;
  pause.unregistered_child = 0;
  for (RegistryItem& kept : pause.kept) kept.told = false;
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
  pause.previous_exit = has_ended | wait_status(end);
  if (pause.watchdog.hung()) pause.previous_exit |= has_hung;
  pause.watchdog.end();
  pause.supervisor = 0;
  if (pause.adopted) return;
  pause.delay_ms = pause.delay_ms == 0 ? first_delay_ms : pause.delay_ms * 2;
  if (pause.delay_ms > longest_delay_ms) pause.delay_ms = longest_delay_ms;
}

}  // namespace podrun::pause
