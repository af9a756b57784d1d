// How one process becomes a pod.
#include "namespaces/first_start.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "namespaces/pause/protocol.hpp"
#include "namespaces/pause/transport.hpp"

namespace podrun::ns {
namespace {

constexpr int cannot_start = 3;

[[noreturn]] void become_pause(const PauseStart& start, pid_t supervisor, int socket, int lock) {
  // Out of the way first: either may lie where the other belongs.
  socket = ::fcntl(socket, F_DUPFD, 10);
  lock = ::fcntl(lock, F_DUPFD, 10);
  ::dup2(socket, pause::socket_fd);
  ::dup2(lock, pause::lock_fd);
  ::syscall(SYS_close_range, pause::lock_fd + 1, ~0U, 0);

  const std::string supervisor_pid = std::to_string(supervisor);
  std::vector<const char*> argv{"podrun-pause", start.pod.c_str(), supervisor_pid.c_str()};
  for (const std::string& word : start.command) argv.push_back(word.c_str());
  argv.push_back(nullptr);
  ::execv(start.program.c_str(), const_cast<char* const*>(argv.data()));
  ::dprintf(STDERR_FILENO, "podrun: execute %s: %s\n", start.program.c_str(), ::strerror(errno));
  ::_exit(cannot_start);
}

/// Sent before there is a supervisor that could die: they wait in the socket for the pause.
Result<> send_holds(int socket, const std::vector<NamedFd>& holds) {
  for (const NamedFd& hold : holds) {
    pause::Message message{.op = pause::Op::Hold};
    hold.name.copy(message.name, sizeof message.name - 1);
    const int fd = hold.fd.get();
    if (!pause::send_message(socket, message, &fd, 1)) return fail_system("hold " + hold.name);
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

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

Result<SupervisorEnd> split(PauseStart start, Fd lock) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return fail_system("socketpair");
  Fd ours(pair[0]), pauses(pair[1]);
  TRY_VOID(send_holds(ours.get(), start.holds));
  start.holds.clear();
  const pid_t self = ::getpid();
  const pid_t supervisor = ::fork();
  if (supervisor < 0) return fail_system("fork");
  if (supervisor > 0) become_pause(start, supervisor, pauses.get(), lock.get());
  ::setsid();  // one Ctrl-C must arrive once, at the pause
  return SupervisorEnd{std::move(ours), self};
}

Result<Detached> detach(const std::string& log) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_system("pipe");
  Fd reading(ends[0]), writing(ends[1]);
  Fd output(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640));
  if (!output) return fail_system(log);
  Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_system("/dev/null");
  const pid_t pod = ::fork();
  if (pod < 0) return fail_system("fork");
  if (pod > 0) return Detached{true, std::move(reading)};
  ::setsid();
  if (::dup2(null.get(), STDIN_FILENO) < 0 || ::dup2(null.get(), STDOUT_FILENO) < 0 ||
      ::dup2(output.get(), STDERR_FILENO) < 0)
    ::_exit(cannot_start);
  return Detached{false, std::move(writing)};
}

void close_inherited_descriptors() { ::syscall(SYS_close_range, 3U, ~0U, 0); }

}  // namespace podrun::ns
