// One measured run.
#include "measure.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace podrun::bench {
namespace {

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(3);
}

}  // namespace

Nanoseconds monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + Nanoseconds(now.tv_nsec);
}

Stage::Stage(std::string directory) : directory_(std::move(directory)) {
  if (::mkdir(directory_.c_str(), 0755) < 0 && errno != EEXIST) give_up(directory_.c_str());
  const std::string path = directory_ + "/fifo";
  if (::mkfifo(path.c_str(), 0666) < 0 && errno != EEXIST) give_up(path.c_str());
  fifo_ = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fifo_ < 0) give_up(path.c_str());
}

Stage::~Stage() { ::close(fifo_); }

void Stage::clear() {
  ::unlink((directory_ + "/ran").c_str());
  char rest[4096];
  while (::read(fifo_, rest, sizeof rest) > 0) {}
  pending_.clear();
}

std::vector<Mark> Stage::read(std::size_t count) {
  std::vector<Mark> marks;
  while (marks.size() < count) {
    const std::size_t end = pending_.find('\n');
    if (end != std::string::npos) {
      char name[64], what[16];
      long long at = 0;
      if (std::sscanf(pending_.c_str(), "%63s %15s %lld", name, what, &at) == 3)
        marks.push_back({name, what == std::string("start"), Nanoseconds(at)});
      pending_.erase(0, end + 1);
      continue;
    }
    pollfd ready{fifo_, POLLIN, 0};
    if (::poll(&ready, 1, 5000) <= 0) break;
    char buffer[4096];
    const ssize_t length = ::read(fifo_, buffer, sizeof buffer);
    if (length > 0) pending_.append(buffer, static_cast<std::size_t>(length));
  }
  return marks;
}

Running::Running(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (const int fd : {0, 1, 2}) ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  began_ = monotonic_now();
  if (::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) give_up(argv[0]);
  ::posix_spawn_file_actions_destroy(&actions);
}

Nanoseconds Running::end() {
  const Nanoseconds asked = monotonic_now();
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  return monotonic_now() - asked;
}

Nanoseconds median(std::vector<Nanoseconds> values) {
  if (values.empty()) return Nanoseconds{0};
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace podrun::bench
