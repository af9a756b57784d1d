// Kills the supervisors of a pod at any instants.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"

namespace podrun::test {

/// Kills the supervisors of one pod.
class SupervisorKiller {
 public:
  explicit SupervisorKiller(pid_t pause);

  /// Waits for the next supervisor and kills it after `after`. False if the pause ends instead, or after a long wait.
  bool kill_next(std::chrono::microseconds after = {});

  /// Whether the supervisor that was killed before the last one had adopted the pod. The pause replaces such a one at
  /// once.
  bool predecessor_had_adopted() const { return predecessor_had_adopted_; }

  /// The pids of the first processes of the pod's containers, including zombies.
  std::vector<pid_t> containers() const;
  /// The present supervisor, or 0.
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
