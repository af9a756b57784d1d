// CrashLoopBackOff: the delay before the next instance. Pure.
#pragma once

#include <chrono>

#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// The parameters of the delay. The defaults are those of Kubernetes: the first restart is immediate, the next is
/// delayed by 10 s, and the delay doubles up to 300 s.
///
/// `reset` is compared with the time from a restart to the exit that follows it, that is, with the duration of an
/// instance. If the instance lasted longer, the delay starts anew and the next restart is immediate. Time spent waiting
/// does not count, and the first instance follows no restart. (The kubelet compares FinishedAt with the last update of
/// its back-off entry.)
struct BackoffPolicy {
  std::chrono::nanoseconds initial = std::chrono::seconds(10);
  std::chrono::nanoseconds max = std::chrono::seconds(300);
  std::chrono::nanoseconds reset = std::chrono::seconds(600);
};

/// The back-off state of a container.
struct Backoff {
  std::chrono::nanoseconds delay{0};  ///< the delay before the last restart; 0 after the first restart
  BootTime last_restart{0};           ///< the time at which the last restart is due, and later its actual time; 0: none

  bool operator==(const Backoff&) const = default;
};

/// A decided restart: the time at which it is due, and the back-off state after it.
struct NextRestart {
  BootTime due;
  Backoff backoff;
};

/// Computes the restart after an exit at `finished`; the delay counts from that time.
NextRestart next_restart(const BackoffPolicy& policy, const Backoff& backoff, BootTime finished);

}  // namespace podrun::supervisor
