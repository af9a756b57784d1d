// One measured run: a program, and the FIFO on which its payloads say when they began and ended.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace podrun::bench {

using Nanoseconds = std::chrono::nanoseconds;

/// CLOCK_MONOTONIC, the payload's clock.
Nanoseconds monotonic_now();

/// A line of a payload.
struct Mark {
  std::string container;
  bool start = false;  ///< else its exit
  Nanoseconds at{0};
};

/// The directory that is mounted into the containers.
class Stage {
 public:
  explicit Stage(std::string directory);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  const std::string& directory() const { return directory_; }

  /// Forgets what a former run left.
  void clear();
  /// Waits for `count` lines; fewer after five seconds.
  std::vector<Mark> read(std::size_t count);

 private:
  std::string directory_;
  int fifo_ = -1;
  std::string pending_;
};

/// A program that runs until it is told to end.
class Running {
 public:
  /// Forks and executes with stdin, stdout and stderr on /dev/null. `began` is taken just before the fork.
  explicit Running(const std::vector<std::string>& command);
  /// TERM and wait; the time from one to the other.
  Nanoseconds end();
  Nanoseconds began() const { return began_; }

 private:
  int pid_ = 0;
  Nanoseconds began_{0};
};

/// The median of some durations.
Nanoseconds median(std::vector<Nanoseconds> values);

}  // namespace podrun::bench
