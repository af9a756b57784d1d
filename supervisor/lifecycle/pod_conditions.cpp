// The phase and the conditions of a pod, as the kubelet computes them from its containers' statuses.
#include "supervisor/lifecycle/pod_conditions.hpp"

#include <algorithm>

#include "supervisor/lifecycle/container_hooks.hpp"

namespace podrun::supervisor {
namespace {

/// How Kubernetes shows a container.
enum class Shown : std::uint8_t { Waiting, Running, Terminated };

Shown shown(const ContainerStatus& status) {
  if (is_final(status.state)) return Shown::Terminated;
  const bool runs = is_alive(status.state) && status.started != BootTime{0} && !is_held_by_post_start(status);
  return runs ? Shown::Running : Shown::Waiting;
}

/// Whether an app container was started, since all were started anew if they were.
bool was_launched(const ContainerStatus& status) {
  return status.state != ContainerState::Waiting && (status.ever_started || status.last);
}

ContainerRole role_of(std::span<const ContainerRole> roles, std::size_t index) {
  return index < roles.size() ? roles[index] : ContainerRole::App;
}

/// The containers of a pod, counted by getPhase of the kubelet. None is ever unknown.
struct Counts {
  bool init_failed = false;   ///< for good
  bool init_pending = false;  ///< a regular init container has not ended
  bool sidecar_pending = false;
  bool initialised = false;  ///< an app container was started once
  int waiting = 0;
  int running = 0;
  int stopped = 0;
  int succeeded = 0;
  int restartable = 0;  ///< of those stopped
};

void count_init(Counts& counts, const ContainerStatus& status) {
  counts.init_failed |= status.state == ContainerState::Failed;
  counts.init_pending |= !is_final(status.state);
}

void count_sidecar(Counts& counts, const ContainerStatus& status) {
  const Shown as = shown(status);
  if (as == Shown::Running) ++counts.running;
  if (as == Shown::Waiting && !status.last) ++counts.waiting;
  counts.sidecar_pending |= !is_final(status.state) && !status.is_started;
}

void count_app(Counts& counts, const ContainerStatus& status) {
  counts.initialised |= was_launched(status);
  switch (shown(status)) {
    case Shown::Running: ++counts.running; return;
    case Shown::Terminated:
      ++counts.stopped;
      if (status.state == ContainerState::Completed) ++counts.succeeded;
      return;
    case Shown::Waiting:
      ++(status.last ? counts.stopped : counts.waiting);
      if (status.last) ++counts.restartable;
      return;
  }
}

Counts count(const PodStatus& status, std::span<const ContainerRole> roles) {
  Counts counts;
  for (std::size_t i = 0; i < status.containers.size(); ++i) {
    switch (role_of(roles, i)) {
      case ContainerRole::Init: count_init(counts, status.containers[i]); break;
      case ContainerRole::Sidecar: count_sidecar(counts, status.containers[i]); break;
      case ContainerRole::App: count_app(counts, status.containers[i]); break;
    }
  }
  return counts;
}

bool is_initialized(const PodStatus& status, std::span<const ContainerRole> roles) {
  bool all = true;
  for (std::size_t i = 0; i < status.containers.size(); ++i) {
    const ContainerStatus& container = status.containers[i];
    switch (role_of(roles, i)) {
      case ContainerRole::Init:
        if (container.state == ContainerState::Failed) return false;
        all &= container.state == ContainerState::Completed;
        break;
      case ContainerRole::Sidecar: all &= container.is_started; break;
      case ContainerRole::App:
        if (was_launched(container)) return true;
        break;
    }
  }
  return all;
}

bool are_containers_ready(const PodStatus& status, std::span<const ContainerRole> roles) {
  if (const Phase its = phase(status, roles); its == Phase::Succeeded || its == Phase::Failed) return false;
  for (std::size_t i = 0; i < status.containers.size(); ++i)
    if (role_of(roles, i) != ContainerRole::Init && !status.containers[i].ready) return false;
  return true;
}

bool holds(const PodStatus& status, std::span<const ContainerRole> roles, ConditionType type) {
  switch (type) {
    case ConditionType::PodReadyToStartContainers: return !ended(status);
    case ConditionType::Initialized: return is_initialized(status, roles);
    case ConditionType::ContainersReady:
    case ConditionType::Ready: return are_containers_ready(status, roles);
    case ConditionType::AllContainersRestarting: return status.restarting_all;
  }
  return false;
}

}  // namespace

Phase phase(const PodStatus& status, std::span<const ContainerRole> roles) {
  if (status.deadline_exceeded && ended(status)) return Phase::Failed;
  if (status.restarting_all) return Phase::Pending;
  const Counts counts = count(status, roles);
  if (counts.init_failed) return Phase::Failed;
  if (counts.init_pending || (counts.sidecar_pending && !counts.initialised)) return Phase::Pending;
  if (counts.waiting > 0) return Phase::Pending;
  if (counts.running > 0) return Phase::Running;
  if (counts.stopped == 0) return Phase::Pending;
  if (counts.restartable > 0) return Phase::Running;
  return counts.stopped == counts.succeeded ? Phase::Succeeded : Phase::Failed;
}

void update_conditions(Conditions& conditions, const PodStatus& status, std::span<const ContainerRole> roles,
                       BootTime now) {
  for (std::size_t type = 0; type < condition_types; ++type)
    if (const bool is = holds(status, roles, static_cast<ConditionType>(type)); conditions[type].holds != is)
      conditions[type] = {.holds = is, .changed = now};
}

void update_conditions(PodLife& life) {
  PodStatus& status = life.made.next;
  if (!status.progress.begun) return;
  const Conditions before = status.conditions;
  update_conditions(status.conditions, status, roles_of(life.spec), life.now);
  if (status.conditions == before) return;
  // The record that follows a launch says it as well: a start writes no more than it has to.
  const bool is_recorded = std::ranges::any_of(life.made.actions, [](const PodAction& each) {
    return std::holds_alternative<action::Record>(each.action) || std::holds_alternative<action::Launch>(each.action);
  });
  if (!is_recorded) life.made.actions.push_back({whole_pod, action::Record{}});
}

}  // namespace podrun::supervisor
