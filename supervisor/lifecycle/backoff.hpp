// CrashLoopBackOff: how long to wait before the next instance. Pure.
#pragma once

#include <chrono>

#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// The curve. Kubernetes': the first restart at once, then 10 s, doubling up to 300 s.
///
/// `reset` is measured from a restart to the exit that follows it, so it is the length of an instance: if it
/// is longer, the curve begins again and the next restart is immediate. Time spent waiting does not count,
/// and the first instance follows no restart. (The kubelet compares FinishedAt with its entry's last update.)
struct BackoffPolicy {
  std::chrono::nanoseconds initial = std::chrono::seconds(10);
  std::chrono::nanoseconds max = std::chrono::seconds(300);
  std::chrono::nanoseconds reset = std::chrono::seconds(600);
};

/// Where on the curve a container is.
struct Backoff {
  std::chrono::nanoseconds delay{0};  ///< the one that the last restart waited; 0 after the first
  BootTime last_restart{0};           ///< when the last restart is due, then when it came; 0: none

  bool operator==(const Backoff&) const = default;
};

/// A restart decided: when it is due, and the curve after it.
struct NextRestart {
  BootTime due;
  Backoff backoff;
};

/// Decides the restart that follows an exit at `finished`, from which the delay counts.
NextRestart next_restart(const BackoffPolicy& policy, const Backoff& backoff, BootTime finished);

}  // namespace podrun::supervisor
