// A container that is led through its events, without a supervisor.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "supervisor/lifecycle/container_lifecycle.hpp"
#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {

/// A container that receives events. Each must be one on which it acts.
struct Container {
  ContainerPolicy policy;
  BootTime now = 1h;
  ContainerStatus status;
  std::vector<Action> actions;

  Container& on(const Event& event) {
    Transition made = step(policy, status, event, now);
    EXPECT_EQ(made.cell, TableCell::Acts) << status.state << " × event " << event.index();
    status = std::move(made.next);
    actions = std::move(made.actions);
    for (const Action& action : actions) note_done(status, action);
    restart_if_due();
    return *this;
  }
  /// The pod's decision, for a container that waits for no other.
  void restart_if_due() {
    const Timer& backoff = status.timers[TimerName::Backoff];
    if (status.state != ContainerState::Backoff || *backoff.due > now) return;
    Transition made = step(policy, status, event::Timer{TimerName::Backoff, backoff.generation}, now);
    status = std::move(made.next);
    std::ranges::move(made.actions, std::back_inserter(actions));
  }
  Container& after(std::chrono::nanoseconds time) {
    now += time;
    return *this;
  }
  /// Its liveness probe, which has that grace period, gives up.
  Container& fail_liveness(std::chrono::nanoseconds grace) {
    policy.probes[pod::ProbeKind::Liveness] = ProbePolicy{grace};
    return on(event::ProbeResult{.instance = status.instance, .kind = pod::ProbeKind::Liveness, .succeeded = false});
  }
  Container& fire(TimerName name) {
    now = std::max(now, status.timers[name].due.value_or(now));
    return on(event::Timer{name, status.timers[name].generation});
  }
};

inline Container running(pod::RestartPolicy restart = pod::RestartPolicy::Always) {
  Container container{.policy = {.restart = restart}};
  container.on(event::Start{}).after(10ms).on(event::ExecOk{});
  return container;
}

inline action::Arm armed(const Container& container) {
  for (const Action& each : container.actions)
    if (const auto* arm = std::get_if<action::Arm>(&each)) return *arm;
  ADD_FAILURE() << "nothing armed by: " << words(container.actions);
  return {};
}

}  // namespace podrun::supervisor
