// A measured run.
#include "tests/bench/measured_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace podrun::bench {
namespace {

constexpr int timeout_ms = std::chrono::milliseconds(test_timeout).count();

}  // namespace

Nanoseconds monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + Nanoseconds(now.tv_nsec);
}

Nanoseconds latest(const std::vector<Mark>& marks) {
  Nanoseconds last{0};
  for (const Mark& mark : marks) last = std::max(last, mark.at);
  return last;
}

Result<Stage> Stage::create(std::string directory) {
  if (::mkdir(directory.c_str(), 0755) < 0) return fail_system(directory);
  const std::string path = directory + "/fifo";
  if (::mkfifo(path.c_str(), 0666) < 0) return fail_system(path);
  Fd fifo(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fifo) return fail_system(path);
  return Stage(std::move(directory), std::move(fifo));
}

void Stage::clear() {
  ::unlink((directory_ + "/ran").c_str());
  char rest[4096];
  while (::read(fifo_.get(), rest, sizeof rest) > 0) {
  }
  pending_.clear();
}

Result<std::vector<Mark>> Stage::read(std::size_t count, const Running& running) {
  std::vector<Mark> marks;
  while (marks.size() < count) {
    if (const std::size_t end = pending_.find('\n'); end != std::string::npos) {
      char name[64], what[16];
      long long at = 0;
      if (std::sscanf(pending_.c_str(), "%63s %15s %lld", name, what, &at) == 3)
        marks.push_back({name, what == std::string("start"), Nanoseconds(at)});
      pending_.erase(0, end + 1);
      continue;
    }
    pollfd ready[2] = {{fifo_.get(), POLLIN, 0}, {running.pidfd(), POLLIN, 0}};
    if (::poll(ready, 2, timeout_ms) <= 0 || !(ready[0].revents & POLLIN))
      return fail(fmt::format("{} of {} starts and exits were heard of", marks.size(), count));
    char buffer[4096];
    const ssize_t length = ::read(fifo_.get(), buffer, sizeof buffer);
    if (length > 0) pending_.append(buffer, static_cast<std::size_t>(length));
  }
  return marks;
}

Result<int> wait_for_end(const ns::Process& child) {
  pollfd ended{child.pidfd.get(), POLLIN, 0};
  if (::poll(&ended, 1, timeout_ms) <= 0) return fail(fmt::format("process {} does not end", child.pid));
  return ns::wait_for(child);
}

Result<Running> Running::start(const std::vector<std::string>& command, int errors) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO})
    ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  pid_t pid = 0;
  const Nanoseconds began = monotonic_now();
  const int error = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail_system(command[0], error);
  return Running(TRY(ns::open_process(pid)), began);
}

Result<Running> Running::adopt(pid_t pid) { return Running(TRY(ns::open_process(pid)), Nanoseconds{0}); }

Running::~Running() {
  if (!process_.pidfd) return;  // it was moved from, or reaped
  signal(SIGKILL);
  (void)ns::wait_for(process_);
}

Result<int> Running::wait() {
  const int status = TRY(wait_for_end(process_));
  process_.pidfd.reset();
  return status;
}

}  // namespace podrun::bench
