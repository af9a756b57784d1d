// The lifecycle of a pod: turns events of the pod into events of its containers.
#include "supervisor/lifecycle/pod_lifecycle.hpp"

#include <algorithm>
#include <utility>

namespace podrun::supervisor {
namespace {

/// A transition under construction; `now` and `policy` are those of step().
struct PodLife {
  const PodPolicy& policy;
  BootTime now;
  PodTransition made;
};

void deliver(PodLife& life, std::size_t index, const Event& event) {
  ContainerStatus& container = life.made.next.containers[index];
  Transition transition = step(life.policy.container, container, event, life.now);
  life.made.cell = transition.cell;
  container = std::move(transition.next);
  for (const Action& action : transition.actions) life.made.actions.push_back({index, action});
}

/// Whether the containers that this one joins run, or have ended for good.
bool may_start(const PodLife& life, std::size_t index) {
  if (index >= life.policy.joins.size()) return true;
  return std::ranges::all_of(life.policy.joins[index], [&](const Join& join) {
    const ContainerStatus& other = life.made.next.containers[join.container];
    if (is_final(other.state)) return true;
    const bool ending = join.container < life.policy.ending.size() && life.policy.ending[join.container];
    return join.alive ? other.state == ContainerState::Running && !ending
                      : other.ever_started || other.restart_count > 0;
  });
}

/// A container in the mount or PID namespace of another does not outlive it; its own exit comes as an event of its own.
void end_joined(PodLife& life, std::size_t ended) {
  for (std::size_t i = 0; i < life.policy.joins.size(); ++i) {
    const bool joined = std::ranges::any_of(
        life.policy.joins[i], [&](const Join& join) { return join.alive && join.container == ended; });
    if (joined && is_alive(life.made.next.containers[i].state)) life.made.actions.push_back({i, action::Kill{}});
  }
}

/// A container that waits for one that failed to start does not delay the pod's start. If it fails later, the pod's
/// start does not fail.
void give_up_first_attempt(PodLife& life, std::size_t index) {
  for (const Join& join : life.policy.joins[index])
    if (life.made.next.containers[join.container].state == ContainerState::Backoff)
      life.made.next.containers[index].first_attempt_settled = true;
}

/// Starts the containers whose joined containers now run, in listed order.
void start_waiting(PodLife& life) {
  const TableCell cell = life.made.cell;
  for (std::size_t i = 0; i < life.made.next.containers.size(); ++i) {
    const ContainerStatus& container = life.made.next.containers[i];
    if (i >= life.policy.joins.size() || life.policy.joins[i].empty() || life.made.next.stopping) continue;
    if (!may_start(life, i)) {
      give_up_first_attempt(life, i);
      continue;
    }
    if (container.state == ContainerState::Waiting) deliver(life, i, event::Start{});
    else if (container.state == ContainerState::Backoff && container.deadline && *container.deadline <= life.now)
      deliver(life, i, event::Timer{container.generation});
  }
  life.made.cell = cell;
}

/// Keeps only the first Record: one write holds the next status of the whole pod, so later ones would change nothing.
void record_once(std::vector<PodAction>& actions) {
  bool recorded = false;
  std::erase_if(actions, [&](const PodAction& each) {
    return std::holds_alternative<action::Record>(each.action) && std::exchange(recorded, true);
  });
}

void handle(PodLife& life, const event::PodStart&) {
  for (std::size_t i = 0; i < life.made.next.containers.size(); ++i)
    if (life.made.next.containers[i].state == ContainerState::Waiting && may_start(life, i))
      deliver(life, i, event::Start{});
}

void handle(PodLife& life, const event::PodStop& stop) {
  const bool again = std::exchange(life.made.next.stopping, true);
  const auto grace = again ? std::chrono::nanoseconds{0} : stop.grace.value_or(life.policy.grace);
  for (std::size_t i = 0; i < life.made.next.containers.size(); ++i) deliver(life, i, event::Stop{grace});
  record_once(life.made.actions);
}

void handle(PodLife& life, const event::OfContainer& of) {
  if (of.index >= life.made.next.containers.size()) {
    life.made.cell = TableCell::CannotHappen;
    return;
  }
  // A due timer remains due: the container is started when the one that it joins runs.
  if (!std::holds_alternative<event::Timer>(of.event) ||
      life.made.next.containers[of.index].state != ContainerState::Backoff || may_start(life, of.index))
    deliver(life, of.index, of.event);
  if (std::holds_alternative<event::Exited>(of.event)) end_joined(life, of.index);
  start_waiting(life);
}

}  // namespace

PodTransition step(const PodPolicy& policy, const PodStatus& status, const PodEvent& event, BootTime now) {
  PodLife life{.policy = policy, .now = now, .made = {.cell = TableCell::Ignored, .next = status, .actions = {}}};
  std::visit([&](const auto& each) { handle(life, each); }, event);
  if (!life.made.actions.empty() || life.made.next != status) life.made.cell = TableCell::Acts;
  return std::move(life.made);
}

PodStatus lost(PodStatus status, BootTime now) {
  for (ContainerStatus& container : status.containers) {
    if (is_final(container.state)) continue;
    if (is_alive(container.state))
      container.last = Termination{.exit_code = 137,
                                   .reason = "ContainerStatusUnknown",
                                   .message = "killed with the pod's pause",
                                   .started = container.started,
                                   .finished = now};
    container.state = ContainerState::Failed;
    container.deadline.reset();
  }
  return status;
}

Phase phase(const PodStatus& status) {
  const auto& containers = status.containers;
  if (ended(status)) {
    const bool succeeded = std::ranges::all_of(
        containers, [](const ContainerStatus& each) { return each.state == ContainerState::Completed; });
    return succeeded ? Phase::Succeeded : Phase::Failed;
  }
  const bool pending = std::ranges::any_of(containers, [](const ContainerStatus& each) {
    return !is_final(each.state) && !each.ever_started && !each.last;
  });
  return pending ? Phase::Pending : Phase::Running;
}

bool started(const PodStatus& status) {
  return std::ranges::all_of(status.containers, &ContainerStatus::first_attempt_settled);
}

bool ended(const PodStatus& status) {
  return std::ranges::all_of(status.containers,
                             [](const ContainerStatus& each) { return is_final(each.state); });
}

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::Pending:
      return "Pending";
    case Phase::Running:
      return "Running";
    case Phase::Succeeded:
      return "Succeeded";
    case Phase::Failed:
      return "Failed";
  }
  return "";
}

}  // namespace podrun::supervisor
