// Kills the supervisors of a pod.
#include "tests/system/support/supervisor_killer.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/system/support/procfs.hpp"

namespace podrun::test {
namespace {

/// The delay with which the pause replaces a supervisor that had not adopted.
constexpr std::chrono::milliseconds shortest_delay{100};

/// The children of the pause are supervisors and containers. Before its exec a container looks like the supervisor that
/// cloned it, but it has a PID namespace of its own.
bool is_container(pid_t pid) {
  return status_of(pid, "NSpid").find(' ') != std::string::npos;
}

/// Monitors and probers of hooks are children of the pause, too.
bool is_helper(pid_t pid) {
  return contents_of(fmt::format("/proc/{}/cgroup", pid)).find("/_helpers") != std::string::npos;
}

std::vector<pid_t> children(pid_t pid) {
  std::istringstream words(contents_of(fmt::format("/proc/{}/task/{}/children", pid, pid)));
  std::vector<pid_t> found;
  for (pid_t child = 0; words >> child;) found.push_back(child);
  return found;
}

}  // namespace

SupervisorKiller::SupervisorKiller(pid_t pause) : pause_(pause) {
  if (auto process = ns::open_process(pause)) pause_process_ = std::move(*process);
}

pid_t SupervisorKiller::supervisor() const {
  for (const pid_t child : children(pause_))
    if (state_of(child) != 'Z' && !status_of(child, "NSpid").empty() && !is_container(child) && !is_helper(child))
      return child;
  return 0;
}

std::vector<pid_t> SupervisorKiller::containers() const {
  std::vector<pid_t> found;
  for (const pid_t child : children(pause_))
    if (is_container(child)) found.push_back(child);
  return found;
}

bool SupervisorKiller::kill_next(std::chrono::microseconds after) {
  const Deadline deadline = soon();
  // There is no event for a fork, so this polls in small steps, and also waits for the end of the pause.
  constexpr timespec step{.tv_sec = 0, .tv_nsec = 200'000};
  pollfd ended{pause_process_.pidfd.get(), POLLIN, 0};
  while (std::chrono::steady_clock::now() < deadline) {
    const pid_t found = supervisor();
    if (found != 0 && found != seen_) {
      const auto target_process = ns::open_process(found);
      if (!target_process) continue;
      predecessor_had_adopted_ = seen_ == 0 || std::chrono::steady_clock::now() - last_kill_ < shortest_delay;
      seen_ = found;
      const timespec wait{.tv_sec = 0, .tv_nsec = std::chrono::nanoseconds(after).count()};
      if (::ppoll(&ended, 1, &wait, nullptr) > 0) return false;
      EXPECT_TRUE(ns::send_signal(*target_process, SIGKILL));
      last_kill_ = std::chrono::steady_clock::now();
      ++kills_;
      return true;
    }
    if (::ppoll(&ended, 1, &step, nullptr) > 0) return false;
  }
  return false;
}

}  // namespace podrun::test
