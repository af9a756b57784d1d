// A pod that is led through its events, without a supervisor.
#pragma once

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "supervisor/lifecycle/pod_lifecycle.hpp"
#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {

/// A pod of app containers; each event must act.
struct Pod {
  LifecycleSpec spec;
  PodStatus status;
  BootTime now = 1h;
  std::vector<PodAction> actions;

  explicit Pod(std::size_t containers, pod::RestartPolicy restart = pod::RestartPolicy::Always)
      : spec{.containers = std::vector<ContainerSpec>(containers, {.policy = {.restart = restart}})},
        status{.containers = std::vector<ContainerStatus>(containers)} {}

  Pod& on(const PodEvent& event) {
    PodTransition made = step(spec, status, event, now);
    EXPECT_EQ(made.cell, TableCell::Acts);
    status = std::move(made.next);
    actions = std::move(made.actions);
    for (const PodAction& each : actions) note_done(status, each);
    return *this;
  }
  Pod& of(std::size_t index, const Event& event) { return on(event::OfContainer{index, event}); }
  Pod& fire(std::size_t index, TimerName name) {
    const Timer& timer = status.containers[index].timers[name];
    now = std::max(now, timer.due.value_or(now));
    return of(index, event::Timer{name, timer.generation});
  }
  Pod& run() {
    on(event::PodStart{});
    for (std::size_t i = 0; i < status.containers.size(); ++i) of(i, event::ExecOk{});
    return *this;
  }
  std::vector<ContainerState> states() const {
    std::vector<ContainerState> found;
    for (const ContainerStatus& each : status.containers) found.push_back(each.state);
    return found;
  }
};

using States = std::vector<ContainerState>;

/// A pod in which container 0 joins the PID namespace of container 1.
inline Pod joined(pod::RestartPolicy restart = pod::RestartPolicy::Always) {
  Pod pod(2, restart);
  pod.spec.containers[0].joins = {{.container = 1, .alive = true}};
  return pod;
}

}  // namespace podrun::supervisor
