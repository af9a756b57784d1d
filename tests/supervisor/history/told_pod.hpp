// A pod that is led through its events, and what is told of it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "supervisor/history/events_of.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

using namespace std::chrono_literals;

/// A pod web of the lifecycle, with its record and its events.
class ToldPod {
 public:
  explicit ToldPod(std::vector<ContainerSpec> containers, std::vector<std::string> names) {
    spec.containers = std::move(containers);
    record = {.id = "default_web", .name = "web", .namespace_name = "default", .uid = "u-1"};
    record.started = now;
    record.started_realtime = wall().time_since_epoch().count();
    for (std::size_t i = 0; i < names.size(); ++i)
      record.containers.push_back({.name = names[i], .image = "busybox", .role = spec.containers[i].role});
    record.status.containers.resize(names.size());
  }

  /// Handles an event, and returns what is new: "Started app".
  std::vector<std::string> on(const PodEvent& event) {
    const PodStatus before = record.status;
    PodTransition made = step(spec, before, event, now);
    EXPECT_NE(made.cell, TableCell::CannotHappen);
    record.status = std::move(made.next);
    const auto fresh = events_of(record, before, record.status, event, {.boot = now, .wall = wall()});
    for (const PodAction& each : made.actions) note_done(record.status, each);
    std::vector<std::string> told;
    for (const LoggedEvent& each : fresh) {
      told.push_back(each.container.empty() ? each.reason : each.reason + " " + each.container);
      events.push_back(each);
    }
    return told;
  }
  std::vector<std::string> of(std::size_t index, const Event& event) { return on(event::OfContainer{index, event}); }
  /// Waits until a timer of a container fires.
  std::vector<std::string> fire(std::size_t index, TimerName name) {
    const Timer& timer = record.status.containers[index].timers[name];
    now = std::max(now, timer.due.value_or(now));
    return of(index, event::Timer{name, timer.generation});
  }
  /// A new verdict of a probe of the present instance.
  std::vector<std::string> probe(std::size_t index, pod::ProbeKind kind, bool succeeded, std::string message = "") {
    return of(index, event::ProbeResult{record.status.containers[index].instance, kind, succeeded, std::move(message)});
  }
  std::vector<std::string> hook(std::size_t index, pod::HookKind kind, bool succeeded, std::string message = "") {
    return of(index, event::HookEnded{record.status.containers[index].instance, kind, succeeded, std::move(message)});
  }

  const LoggedEvent& last() const { return events.back(); }
  WallTime wall() const { return WallTime(1795502314s) + now; }
  PodView view() const { return view_of(record, now, wall()); }

  LifecycleSpec spec;
  PodRecord record;
  BootTime now = 1000s;
  std::vector<LoggedEvent> events;
};

inline ContainerSpec with_probe(pod::ProbeKind kind) {
  ContainerSpec spec;
  spec.policy.probes[kind].emplace();
  return spec;
}
inline ContainerSpec with_hook(pod::HookKind kind) {
  ContainerSpec spec;
  spec.policy.hooks[kind].emplace();
  return spec;
}
inline ContainerSpec with_policy(pod::RestartPolicy policy) { return {.policy = {.restart = policy}}; }
inline ContainerSpec init_container() {
  return {.role = ContainerRole::Init, .policy = {.restart = pod::RestartPolicy::OnFailure}};
}

}  // namespace podrun::supervisor
