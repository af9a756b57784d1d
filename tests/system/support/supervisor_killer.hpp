// Kills supervisors, again and again, at any instant of their lives.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"

namespace podrun::test {

/// The hunter of one pod's supervisors.
class SupervisorKiller {
 public:
  explicit SupervisorKiller(pid_t pause);

  /// Waits for a supervisor that has not been seen before and kills it; false if the pause ends instead, or
  /// after a long wait. `after`: so much later.
  bool kill_next(std::chrono::microseconds after = {});

  /// Whether the one killed before the last had lived long enough to adopt: then the pause starts another at
  /// once.
  bool predecessor_had_adopted() const { return predecessor_had_adopted_; }

  /// The pod's containers that exist at this moment, by the pids of their first processes, ended ones too.
  std::vector<pid_t> containers() const;
  /// The supervisor of this moment, or 0.
  pid_t supervisor() const;

  int kills() const { return kills_; }

 private:
  pid_t pause_;
  ns::Process pause_process_;
  pid_t seen_ = 0;
  std::chrono::steady_clock::time_point last_kill_{};
  bool predecessor_had_adopted_ = true;
  int kills_ = 0;
};

}  // namespace podrun::test
