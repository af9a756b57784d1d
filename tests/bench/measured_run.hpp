// A measured run: a program, and the FIFO to which its payloads write when they start and exit.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "namespaces/kernel/process.hpp"
#include "pod/text/result.hpp"

namespace podrun::bench {

using Nanoseconds = std::chrono::nanoseconds;

/// The time after which a run is considered stuck.
inline constexpr std::chrono::seconds test_timeout{60};

/// The time of CLOCK_MONOTONIC, which the payload uses, too.
Nanoseconds monotonic_now();

/// A line that a payload writes.
struct Mark {
  std::string container;
  bool start = false;  ///< false: it is an exit
  Nanoseconds at{0};
};
Nanoseconds latest(const std::vector<Mark>& marks);

/// Waits until a child has ended, reaps it, and returns its wait status.
Result<int> wait_for_end(const ns::Process& child);

/// A child of this process. Destroying it kills and reaps it.
class Running {
 public:
  /// Executes COMMAND, looked up in PATH as a shell does, with stdin and stdout on /dev/null and stderr on
  /// ERRORS; ENOENT if there is no such program. `began` is taken just before.
  static Result<Running> start(const std::vector<std::string>& command, int errors);
  /// A process that has become a child of this one. `began` is not known.
  static Result<Running> adopt(pid_t pid);
  Running(Running&&) = default;
  Running& operator=(Running&&) = delete;
  ~Running();

  pid_t pid() const { return process_.pid; }
  int pidfd() const { return process_.pidfd.get(); }
  Nanoseconds began() const { return began_; }
  void signal(int number) const { (void)ns::send_signal(process_, number); }
  /// Waits until it has ended, and returns its wait status.
  Result<int> wait();

 private:
  Running(ns::Process process, Nanoseconds began) : process_(std::move(process)), began_(began) {}

  ns::Process process_;
  Nanoseconds began_;
};

/// The directory with the FIFO, which is mounted into the containers.
class Stage {
 public:
  static Result<Stage> create(std::string directory);

  const std::string& directory() const { return directory_; }

  /// Removes the files and lines of a former run.
  void clear();
  /// Waits for `count` lines of the payloads of RUNNING, which must not end before.
  Result<std::vector<Mark>> read(std::size_t count, const Running& running);

 private:
  Stage(std::string directory, Fd fifo) : directory_(std::move(directory)), fifo_(std::move(fifo)) {}

  std::string directory_;
  Fd fifo_;
  std::string pending_;
};

}  // namespace podrun::bench
