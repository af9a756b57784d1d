// CrashLoopBackOff, computed as by the kubelet.
#include "supervisor/lifecycle/backoff.hpp"

#include <algorithm>

namespace podrun::supervisor {

NextRestart next_restart(const BackoffPolicy& policy, const Backoff& backoff, BootTime finished) {
  const bool never_restarted = backoff.last_restart == BootTime{0};
  const bool forgotten = finished - backoff.last_restart > policy.reset;
  if (never_restarted || forgotten)
    return {.due = finished, .backoff = {.delay = {}, .last_restart = finished}};

  // The comparison comes before the multiplication, which could overflow.
  const auto doubled = backoff.delay > policy.max / 2 ? policy.max : 2 * backoff.delay;
  const auto delay = std::min(backoff.delay == BootTime{0} ? policy.initial : doubled, policy.max);
  const BootTime due = finished + delay;
  return {.due = due, .backoff = {.delay = delay, .last_restart = due}};
}

}  // namespace podrun::supervisor
