// Turns one process into a pod.
#include "namespaces/launch/pause_start.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "namespaces/front/program_folder_fd.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/fork_and_exec_parent.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "namespaces/pause/transport.hpp"

namespace podrun::ns {
namespace {

constexpr int cannot_start = 3;

/// What become_pause() needs, prepared beforehand because it must not use the heap.
struct PauseExec {
  PauseStart start;
  int socket;
  int lock;
  int program;  // or -1
  char supervisor[16] = {};
  std::vector<const char*> argv{};
};

/// The supervisor sees the end of file of the socket and cleans up, so nothing is left when this process ends.
[[noreturn]] void fail_to_become_pause(const char* what, pid_t supervisor) {
  ::dprintf(STDERR_FILENO, "podrun: %s: %s\n", what, ::strerror(errno));
  ::syscall(SYS_close_range, pause::socket_fd, ~0U, 0);
  ::waitpid(supervisor, nullptr, 0);
  ::_exit(cannot_start);
}

/// The descriptor of the program until it has been executed.
constexpr int program_fd = pause::lock_fd + 1;

/// Puts the descriptors where the pause expects them, and closes all others.
bool arrange_descriptors(int socket, int lock, int program) {
  // They are duplicated to higher numbers first, so that none is overwritten.
  socket = ::fcntl(socket, F_DUPFD, program_fd + 1);
  lock = ::fcntl(lock, F_DUPFD, program_fd + 1);
  if (socket < 0 || lock < 0) return false;
  if (program < 0) ::close(program_fd);
  else if (program != program_fd && ::dup3(program, program_fd, O_CLOEXEC) < 0) return false;
  return ::dup2(socket, pause::socket_fd) >= 0 && ::dup2(lock, pause::lock_fd) >= 0 &&
         ::syscall(SYS_close_range, program_fd + 1, ~0U, 0) == 0;
}

/// Runs in the parent, at the same time as the supervisor and in the same memory.
void become_pause(void* argument, pid_t supervisor) {
  auto& exec = *static_cast<PauseExec*>(argument);
  if (!arrange_descriptors(exec.socket, exec.lock, exec.program))
    fail_to_become_pause("the pause's descriptors", supervisor);
  *std::to_chars(exec.supervisor, exec.supervisor + sizeof exec.supervisor, supervisor).ptr = '\0';
  char* const* const argv = const_cast<char* const*>(exec.argv.data());
  if (exec.program >= 0) ::syscall(SYS_execveat, program_fd, "", argv, environ, AT_EMPTY_PATH);
  else ::execv(exec.start.program.c_str(), argv);
  fail_to_become_pause(exec.start.program.c_str(), supervisor);
}

/// Makes room in a socket that nobody reads yet. By default it takes more than two hundred messages, or fewer where
/// net.core.wmem_default is low.
void make_room(int socket, std::size_t messages) {
  constexpr std::size_t usual = 32;
  const int bytes = static_cast<int>(messages) * 1024;
  if (messages > usual) ::setsockopt(socket, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
}

/// The holds are sent before there is a supervisor that could die: they wait in the socket for the pause.
Result<> send_holds(int socket, const std::vector<NamedFd>& holds) {
  make_room(socket, holds.size());
  for (const NamedFd& hold : holds) {
    pause::Message message{.op = pause::Op::Hold};
    hold.name.copy(message.name, sizeof message.name - 1);
    std::vector<int> fds{hold.fd.get()};
    for (const Fd& other : hold.others) fds.push_back(other.get());
    if (!pause::send_message(socket, message, fds.data(), static_cast<unsigned>(fds.size())))
      return fail_system("hold " + hold.name);
  }
  return {};
}

}  // namespace

void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, nullptr);
  struct sigaction dismissed{};
  dismissed.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &dismissed, nullptr);
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_max;
}

void spare_from_oom_killer() {
  const Fd score(::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  // -1000 would mean "never": if nothing else is left to kill, the kernel then panics.
  [[maybe_unused]] const ssize_t written = ::write(score.get(), "-999", 4);
}

Result<PauseConnection> fork_supervisor(PauseStart start, Fd lock) {
  auto [ours, pauses] = TRY(make_socket_pair());
  TRY_VOID(send_holds(ours.get(), start.holds));
  start.holds.clear();
  const pid_t self = ::getpid();
  const int program = start.mount.get();
  // This is never deleted, because the child does not know when the parent no longer uses it.
  auto* exec = new PauseExec{.start = std::move(start), .socket = pauses.get(), .lock = lock.get(), .program = program};
  exec->argv = {"podrun-pause", exec->start.pod.c_str(), exec->supervisor};
  for (const std::string& word : exec->start.command) exec->argv.push_back(word.c_str());
  exec->argv.push_back(nullptr);
  TRY_VOID(fork_and_exec_parent(become_pause, exec));
  ::setsid();  // so that a Ctrl-C arrives once, at the pause
  return PauseConnection{std::move(ours), self};
}

Result<> leave_caller(const Fd& log) {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_system("/dev/null");
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, 0);
  if (::dup2(null.get(), STDIN_FILENO) < 0 || ::dup2(null.get(), STDOUT_FILENO) < 0 ||
      ::dup2(log.get(), STDERR_FILENO) < 0)
    return fail_system("standard descriptors");
  return {};
}

Fd take_caller_pipe() {
  const bool waits = ::getenv("PODRUN_CALLER_WAITS") != nullptr;
  ::unsetenv("PODRUN_CALLER_WAITS");
  struct stat status{};
  if (!waits || ::fstat(result_fd, &status) < 0 || !S_ISFIFO(status.st_mode)) return Fd();
  ::fcntl(result_fd, F_SETFD, FD_CLOEXEC);
  return Fd(result_fd);
}

void close_inherited_descriptors(const Fd& kept) {
  ::syscall(SYS_close_range, 3, programs_fd - 1, 0);
  ::syscall(SYS_close_range, (kept ? result_fd : programs_fd) + 1, ~0U, 0);
}

}  // namespace podrun::ns
