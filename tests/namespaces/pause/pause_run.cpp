// A podrun-pause that a test runs.
#include "tests/namespaces/pause/pause_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>

#include <fmt/format.h>

#include "namespaces/pause/pause_protocol.hpp"

namespace podrun::ns {
namespace {

constexpr int timeout_ms = 20'000;

bool wait_until_readable(int fd) {
  pollfd ready{fd, POLLIN, 0};
  return ::poll(&ready, 1, timeout_ms) == 1;
}

/// Runs in the process that becomes the pause. It forks the first supervisor as podrun does; that process then executes
/// a shell, as all later ones do.
[[noreturn]] void become_pause(PauseStart start, Fd lock) {
  block_signals();
  const std::vector<std::string> command = start.command;
  auto supervisor = fork_supervisor(std::move(start), std::move(lock));
  if (!supervisor) ::_exit(99);
  ::dup2(supervisor->socket.get(), pause::socket_fd);
  std::vector<const char*> argv{"/bin/sh"};
  for (std::size_t word = 1; word < command.size(); ++word) argv.push_back(command[word].c_str());
  argv.push_back(nullptr);
  ::execv(argv[0], const_cast<char* const*>(argv.data()));
  ::_exit(99);
}

}  // namespace

Registration registration(const std::string& name, int instance, pid_t pid, const std::vector<int>& fds) {
  Registration child{.name = name, .instance = instance, .pid = pid};
  for (const int fd : fds) child.fds.push_back({child.fds.empty() ? Role::Process : Role::Report, fd});
  return child;
}

std::vector<std::string> names_of(const std::vector<KeptItem>& items) {
  std::vector<std::string> names;
  for (const KeptItem& item : items) names.push_back(item.name);
  return names;
}

void FakeSupervisor::die() const {
  EXPECT_TRUE(send_signal(process, SIGKILL));
  EXPECT_TRUE(wait_until_readable(process.pidfd.get()));
}

PauseRun::PauseRun(const std::string& shell, std::vector<NamedFd> holds) {
  const std::string fifo = directory_ / "started";
  EXPECT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  started_ = Fd(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  Fd lock(::open(lock_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(::flock(lock.get(), LOCK_EX), 0);
  PauseStart start{.program = PODRUN_BUILD_DIR "/podrun-pause",
                   .pod = "default_test",
                   .command = {shell, "-c", "(echo $$ > " + fifo + "); exec sleep 3600"},
                   .holds = std::move(holds)};
  const pid_t pid = ::fork();
  if (pid == 0) become_pause(std::move(start), std::move(lock));
  auto process = open_process(pid);
  if (process)
    process_ = std::move(*process);
  else
    ADD_FAILURE() << process.error().message;
}

PauseRun::~PauseRun() {
  if (reaped_) return;
  // The pause is stopped, so that it does not replace the supervisors that are killed now.
  (void)send_signal(process_, SIGSTOP);
  std::ifstream children(fmt::format("/proc/{}/task/{}/children", pid(), pid()));
  for (pid_t child = 0; children >> child;)
    if (auto supervisor = open_process(child)) (void)send_signal(*supervisor, SIGKILL);
  (void)send_signal(process_, SIGKILL);
  (void)wait_for(process_);
}

FakeSupervisor PauseRun::next_supervisor() {
  std::string line;
  while (!line.ends_with('\n')) {
    char byte = 0;
    if (!wait_until_readable(started_.get()) || ::read(started_.get(), &byte, 1) != 1) {
      ADD_FAILURE() << "the pause started no supervisor";
      return {{}, PauseClient(Fd())};
    }
    line += byte;
  }
  auto process = open_process(std::stoi(line));
  if (!process) {
    ADD_FAILURE() << process.error().message;
    return {{}, PauseClient(Fd())};
  }
  Fd socket(static_cast<int>(::syscall(SYS_pidfd_getfd, process->pidfd.get(), pause::socket_fd, 0)));
  EXPECT_TRUE(socket) << "the supervisor has no socket";
  return {std::move(*process), PauseClient(std::move(socket))};
}

int PauseRun::wait_exit() {
  if (!wait_until_readable(process_.pidfd.get())) {
    ADD_FAILURE() << "the pause has not ended";
    return -1;
  }
  reaped_ = true;
  return exit_code_of(wait_for(process_).value_or(-1));
}

}  // namespace podrun::ns
