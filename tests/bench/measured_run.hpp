// One measured run: a program, and the FIFO on which its payloads say when they began and ended.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "namespaces/kernel/process.hpp"
#include "pod/text/result.hpp"

namespace podrun::bench {

using Nanoseconds = std::chrono::nanoseconds;

/// What anything may take before it counts as stuck.
inline constexpr std::chrono::seconds test_timeout{60};

/// CLOCK_MONOTONIC, the payload's clock.
Nanoseconds monotonic_now();

/// A line of a payload.
struct Mark {
  std::string container;
  bool start = false;  ///< else its exit
  Nanoseconds at{0};
};
Nanoseconds latest(const std::vector<Mark>& marks);

/// Waits, patiently, until a child of ours has ended, and reaps it; its wait status.
Result<int> wait_for_end(const ns::Process& child);

/// A child. Destroying it kills and reaps it.
class Running {
 public:
  /// Executes COMMAND, looked up in PATH as a shell does, with stdin and stdout on /dev/null and stderr on
  /// ERRORS; ENOENT if there is no such program. `began` is taken just before.
  static Result<Running> start(const std::vector<std::string>& command, int errors);
  /// A process that has become our child; `began` is not known.
  static Result<Running> adopt(pid_t pid);
  Running(Running&&) = default;
  Running& operator=(Running&&) = delete;
  ~Running();

  pid_t pid() const { return process_.pid; }
  int pidfd() const { return process_.pidfd.get(); }
  Nanoseconds began() const { return began_; }
  void signal(int number) const { (void)ns::send_signal(process_, number); }
  /// Waits until it has ended; its wait status.
  Result<int> wait();

 private:
  Running(ns::Process process, Nanoseconds began) : process_(std::move(process)), began_(began) {}

  ns::Process process_;
  Nanoseconds began_;
};

/// The directory that is mounted into the containers.
class Stage {
 public:
  static Result<Stage> create(std::string directory);

  const std::string& directory() const { return directory_; }

  /// Forgets what a former run left.
  void clear();
  /// Waits for `count` lines from what runs in RUNNING, which must not end before.
  Result<std::vector<Mark>> read(std::size_t count, const Running& running);

 private:
  Stage(std::string directory, Fd fifo) : directory_(std::move(directory)), fifo_(std::move(fifo)) {}

  std::string directory_;
  Fd fifo_;
  std::string pending_;
};

}  // namespace podrun::bench
