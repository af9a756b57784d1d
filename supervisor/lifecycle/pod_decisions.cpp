// The decisions of a pod.
#include "supervisor/lifecycle/pod_decisions.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "supervisor/lifecycle/container_hooks.hpp"
#include "supervisor/lifecycle/pod_conditions.hpp"

namespace podrun::supervisor {
namespace {

bool is_running(const ContainerStatus& status) { return status.state == ContainerState::Running; }

/// Whether the process that a join needs exists; it may be ending.
bool has_process(const ContainerStatus& status) {
  return is_alive(status.state) && status.state != ContainerState::Starting;
}

/// Whether the containers that this one joins run, or have ended for good.
bool joins_are_met(const LifecycleSpec& spec, const PodStatus& status, std::size_t index) {
  return std::ranges::all_of(spec.containers[index].joins, [&](const Join& join) {
    const ContainerStatus& owner = status.containers[join.container];
    if (is_final(owner.state)) return true;
    return join.alive ? is_running(owner) && !owner.ending : owner.ever_started || owner.restart_count > 0;
  });
}

/// Whether a container no longer delays the first start of those after it.
bool lets_others_begin(const ContainerSpec& spec, const ContainerStatus& status) {
  switch (spec.role) {
    case ContainerRole::Init: return status.state == ContainerState::Completed;
    case ContainerRole::Sidecar: return status.was_started;
    case ContainerRole::App: return true;
  }
  return true;
}

/// Whether another container has a postStart hook that has not ended, from its launch on, or ends because that has failed:
/// as the kubelet, which starts one container of a pod after the other, and a start ends with its hook.
bool is_delayed_by_a_hook(const LifecycleSpec& spec, const PodStatus& status, std::size_t index) {
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    if (i == index || !spec.containers[i].policy.hooks[pod::HookKind::PostStart]) continue;
    const ContainerStatus& other = status.containers[i];
    if (other.state == ContainerState::Starting && !other.stop_requested) return true;
    if (is_held_by_post_start(other) && !other.stop_requested) return true;
  }
  return false;
}

/// The first container that delays the first start of container `index`; `index` itself if there is none.
std::size_t first_in_the_way(const LifecycleSpec& spec, const PodStatus& status, std::size_t index) {
  for (std::size_t i = 0; i < index; ++i)
    if (!lets_others_begin(spec.containers[i], status.containers[i])) return i;
  return index;
}

bool is_due(const ContainerStatus& status, BootTime now) {
  const std::optional<BootTime>& backoff = status.timers[TimerName::Backoff].due;
  if (status.state == ContainerState::Waiting) return !backoff || *backoff <= now;
  return status.state == ContainerState::Backoff && backoff && *backoff <= now;
}

/// Whether a container is to be started now. The order of starts applies to first starts only: a sidecar in back-off
/// delays no restart.
bool may_start(const LifecycleSpec& spec, const PodStatus& status, std::size_t index, BootTime now) {
  const ContainerStatus& container = status.containers[index];
  if (!status.progress.begun || container.stop_requested || !is_due(container, now)) return false;
  if (spec.containers[index].image != Image::Present) return false;
  if (status.restarting_all || is_delayed_by_a_hook(spec, status, index)) return false;
  const bool is_first = container.state == ContainerState::Waiting;
  if (is_first && first_in_the_way(spec, status, index) != index) return false;
  return joins_are_met(spec, status, index);
}

/// Whether the owner of the mounts or the PID namespace that a container has joined has ended.
bool has_lost_its_owner(const LifecycleSpec& spec, const PodStatus& status, std::size_t index) {
  const ContainerStatus& container = status.containers[index];
  if (!is_alive(container.state) || container.state == ContainerState::Killing || container.ownerless) return false;
  return std::ranges::any_of(spec.containers[index].joins, [&](const Join& join) {
    return join.alive && !has_process(status.containers[join.container]);
  });
}

/// Whether the pod ends: it was stopped, its deadline is exceeded, its app containers have ended, or an init container
/// has failed for good.
bool is_winding_down(const LifecycleSpec& spec, const PodStatus& status) {
  if (status.stopping || status.deadline_exceeded) return true;
  bool apps_have_ended = true;
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    const ContainerState state = status.containers[i].state;
    if (spec.containers[i].role == ContainerRole::Init && state == ContainerState::Failed) return true;
    if (spec.containers[i].role == ContainerRole::App && !is_final(state)) apps_have_ended = false;
  }
  return apps_have_ended;
}

/// Whether all containers that a sidecar serves have ended: the app containers, and later sidecars. As for the kubelet, an
/// init container that a stop ends is not one of them.
bool has_served(const LifecycleSpec& spec, const PodStatus& status, std::size_t sidecar) {
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    const ContainerRole role = spec.containers[i].role;
    const bool is_served = role == ContainerRole::App || (role == ContainerRole::Sidecar && i > sidecar);
    if (is_served && !is_final(status.containers[i].state)) return false;
  }
  return true;
}

/// A pod that already ends for another reason does not fail by its deadline.
void keep_deadline(PodLife& life) {
  PodStatus& status = life.made.next;
  Timers& timers = status.progress.timers;
  const std::optional<BootTime>& deadline = life.spec.deadline;
  if (!deadline || !status.progress.begun || is_winding_down(life.spec, status))
    return timers.cancel(TimerName::Deadline);
  if (*deadline <= life.now) {
    status.deadline_exceeded = true;
    return timers.cancel(TimerName::Deadline);
  }
  if (timers[TimerName::Deadline].due) return;
  timers.set(TimerName::Deadline, *deadline);
  life.made.actions.push_back({whole_pod, action::Arm{.name = TimerName::Deadline,
                                                      .due = *deadline,
                                                      .generation = timers[TimerName::Deadline].generation}});
}

void kill_those_without_owner(PodLife& life, bool& changed) {
  for (std::size_t i = 0; i < life.containers(); ++i)
    if (has_lost_its_owner(life.spec, life.made.next, i)) {
      deliver(life, i, event::OwnerEnded{});
      changed = true;
    }
}

/// Those that a sidecar serves end first, but its preStop hook runs at once.
void stop_what_is_to_end(PodLife& life, bool& changed) {
  if (!is_winding_down(life.spec, life.made.next)) return;
  auto& deadline = life.made.next.stop_deadline;
  for (std::size_t i = 0; i < life.containers(); ++i) {
    const ContainerStatus& container = life.status(i);
    if (is_final(container.state) || (container.stop_requested && !container.awaits_turn)) continue;
    if (!deadline) deadline = life.now + std::clamp(life.spec.grace, std::chrono::nanoseconds{0}, longest_grace);
    const bool serves = life.spec.containers[i].role == ContainerRole::Sidecar && is_alive(container.state) &&
                        life.now < *deadline && !has_served(life.spec, life.made.next, i);
    if (serves && container.stop_requested) continue;
    deliver(life, i, event::Stop{.grace = std::max(*deadline - life.now, std::chrono::nanoseconds{1}),
                                 .awaits_turn = serves,
                                 .cause = std::string(cause_of_stop(life.made.next))});
    changed = true;
  }
}

/// The exit of a container has asked for it, or what was asked for is done when no process is left.
void restart_all_if_asked(PodLife& life, bool& changed) {
  PodStatus& status = life.made.next;
  if (is_winding_down(life.spec, status)) status.restarting_all = false;
  const auto asks = std::ranges::find_if(status.containers, &ContainerStatus::restarts_all);
  if (asks != status.containers.end() && !is_winding_down(life.spec, status)) {
    status.restarting_all = changed = true;
    for (std::size_t i = 0; i < life.containers(); ++i) deliver(life, i, event::RestartAll{});
  }
  const bool is_over = std::ranges::none_of(status.containers, [](const auto& each) { return is_alive(each.state); });
  if (is_over) changed |= std::exchange(status.restarting_all, false);
}

void start(PodLife& life, std::size_t index) {
  if (life.status(index).state == ContainerState::Waiting) deliver(life, index, event::Start{});
  else deliver(life, index, event::Timer{TimerName::Backoff, life.status(index).timers[TimerName::Backoff].generation});
  life.status(index).ownerless = std::ranges::any_of(life.spec.containers[index].joins, [&](const Join& join) {
    return join.alive && is_final(life.status(join.container).state);
  });
}

/// First starts come before restarts: as with the kubelet, a container that fails while the pod starts is started again
/// when each of the others has been started.
void start_what_may_start(PodLife& life, bool& changed) {
  for (const bool is_first : {true, false})
    for (std::size_t i = 0; i < life.containers(); ++i) {
      if ((life.status(i).state == ContainerState::Waiting) != is_first) continue;
      if (!may_start(life.spec, life.made.next, i, life.now)) continue;
      start(life, i);
      changed = true;
    }
}

/// A container does not delay the pod's start while its image cannot be fetched, or while it waits for one that fails in
/// that way or is in back-off. If it fails later, the pod's start does not fail.
void settle_first_attempts(PodLife& life) {
  for (std::size_t i = 0; i < life.containers(); ++i) {
    if (life.status(i).state != ContainerState::Waiting && life.status(i).state != ContainerState::Backoff) continue;
    const auto fails = [&](std::size_t other) {
      const ContainerStatus& its = life.status(other);
      if (its.state == ContainerState::Backoff && !is_due(its, life.now)) return true;
      return !is_alive(its.state) && !is_final(its.state) && life.spec.containers[other].image == Image::Unavailable;
    };
    const std::size_t before = first_in_the_way(life.spec, life.made.next, i);
    const bool has_failing_owner = std::ranges::any_of(
        life.spec.containers[i].joins, [&](const Join& join) { return fails(join.container); });
    if (fails(before) || (has_failing_owner && !joins_are_met(life.spec, life.made.next, i)))
      life.status(i).first_attempt_settled = true;
  }
}

void tell(PodLife& life) {
  Progress& progress = life.made.next.progress;
  if (!progress.begun) return;
  const std::vector<ContainerRole> roles = roles_of(life.spec);
  if (started(life.made.next, roles) && !std::exchange(progress.announced, true))
    life.made.actions.push_back({whole_pod, action::Started{}});
  const Condition& ready = life.made.next.conditions[static_cast<std::size_t>(ConditionType::Ready)];
  if (ready.holds && !std::exchange(progress.told_ready, true))
    life.made.actions.push_back({whole_pod, action::Ready{}});
  if (!ended(life.made.next) || std::exchange(progress.finished, true)) return;
  const bool was_stopped = life.made.next.stopping && !life.made.next.deadline_exceeded;
  const bool succeeded = was_stopped || phase(life.made.next, roles) == Phase::Succeeded;
  life.made.actions.push_back({whole_pod, action::Finish{succeeded}});
}

}  // namespace

std::string_view cause_of_stop(const PodStatus& status) {
  if (status.deadline_exceeded) return "the pod has exceeded its deadline";
  return status.stopping ? "the pod was stopped" : "the pod ends";
}

void deliver(PodLife& life, std::size_t index, const Event& event) {
  Transition transition = step(life.spec.containers[index].policy, life.status(index), event, life.now);
  life.made.cell = transition.cell;
  life.status(index) = std::move(transition.next);
  for (Action& action : transition.actions) life.made.actions.push_back({index, std::move(action)});
}

void decide(PodLife& life) {
  const TableCell cell = life.made.cell;
  keep_deadline(life);
  for (bool changed = true; changed;) {
    changed = false;
    restart_all_if_asked(life, changed);
    kill_those_without_owner(life, changed);
    stop_what_is_to_end(life, changed);
    start_what_may_start(life, changed);
  }
  life.made.cell = cell;
  settle_first_attempts(life);
  update_conditions(life);
  tell(life);
}

WaitingReason waiting_reason(const LifecycleSpec& spec, const PodStatus& status, std::size_t index, BootTime now) {
  const ContainerStatus& container = status.containers[index];
  if (container.state != ContainerState::Waiting && container.state != ContainerState::Backoff)
    return WaitingReason::None;
  if (status.restarting_all) return WaitingReason::RestartAll;
  if (!is_due(container, now)) return WaitingReason::Backoff;
  if (container.state == ContainerState::Waiting && first_in_the_way(spec, status, index) != index)
    return WaitingReason::Init;
  switch (spec.containers[index].image) {
    case Image::Present: break;
    case Image::Awaited: return WaitingReason::Image;
    case Image::Unavailable: return WaitingReason::NoImage;
  }
  if (!joins_are_met(spec, status, index)) return WaitingReason::Owner;
  return is_delayed_by_a_hook(spec, status, index) ? WaitingReason::Hook : WaitingReason::None;
}

}  // namespace podrun::supervisor
