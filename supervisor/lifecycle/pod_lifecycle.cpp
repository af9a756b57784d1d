// The pod's life: an event, then the decisions that are due.
#include "supervisor/lifecycle/pod_lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "supervisor/lifecycle/container_handlers.hpp"
#include "supervisor/lifecycle/pod_decisions.hpp"

namespace podrun::supervisor {
namespace {

constexpr int killed_exit_code = 137;  // by SIGKILL

/// Whether that it was done is put on record.
bool is_on_record_when_done(const PodAction& each) {
  return std::holds_alternative<action::Terminate>(each.action) || std::holds_alternative<action::RunHook>(each.action);
}

/// One write holds the whole pod's next status, so what comes after the first says nothing new, but for the signals that
/// are sent and the hooks that are begun: one more write follows the last of them.
void record_once(std::vector<PodAction>& actions) {
  auto left = std::ranges::count_if(actions, is_on_record_when_done);
  bool recorded = false;
  std::erase_if(actions, [&](const PodAction& each) {
    if (is_on_record_when_done(each) && --left == 0) recorded = false;
    return std::holds_alternative<action::Record>(each.action) && std::exchange(recorded, true);
  });
}

void handle(PodLife& life, const event::Adopted& adopted) {
  life.made.next.progress = {};
  for (std::size_t i = 0; i < life.containers(); ++i) {
    Adopted corrected = reconcile(life.spec.containers[i].policy, life.status(i),
                                  i < adopted.children.size() ? adopted.children[i] : std::nullopt, life.now);
    life.status(i) = std::move(corrected.next);
    for (Action& action : corrected.actions) life.made.actions.push_back({i, std::move(action)});
  }
}

void handle(PodLife& life, const event::PodStart&) { life.made.next.progress.begun = true; }

void handle(PodLife& life, const event::PodStop& stop) {
  const bool again = std::exchange(life.made.next.stopping, true);
  life.made.next.progress.begun = true;  // nothing is started any more, so that there is nothing to wait for
  const auto grace = again ? std::chrono::nanoseconds{0} : stop.grace.value_or(life.spec.grace);
  life.made.next.stop_deadline = life.now + std::clamp(grace, std::chrono::nanoseconds{0}, longest_grace);
  // Those that have not been asked yet are asked by decision, unless all are to be killed.
  for (std::size_t i = 0; i < life.containers(); ++i)
    if (grace <= grace.zero() || life.status(i).stop_requested)
      deliver(life, i, event::Stop{.grace = grace, .cause = std::string(cause_of_stop(life.made.next))});
}

/// What is due then is decided from the spec.
void handle(PodLife& life, const event::PodTimer& timer) {
  Timers& timers = life.made.next.progress.timers;
  if (timers.is_current(timer.name, timer.generation)) timers.cancel(timer.name);
}

void handle(PodLife&, const event::ImageChanged&) {}

/// When the first process of a PID namespace ends, the kernel kills the others before anybody can see that end: they
/// did not end by themselves.
void note_owner_is_ending(PodLife& life, const event::OfContainer& of) {
  const auto* const exited = std::get_if<event::Exited>(&of.event);
  ContainerStatus& container = life.status(of.index);
  if (exited == nullptr || exited->exit_code != killed_exit_code || exited->oom_killed || !container.cause.empty())
    return;
  const auto is_owner = [&](const Join& join) { return join.alive && life.status(join.container).ending; };
  if (std::ranges::any_of(life.spec.containers[of.index].joins, is_owner)) container.cause = owner_has_ended;
}

void handle(PodLife& life, const event::OfContainer& of) {
  if (of.index >= life.containers()) {
    life.made.cell = TableCell::CannotHappen;
    return;
  }
  for (const std::size_t other : of.ending)
    if (is_alive(life.status(other).state)) life.status(other).ending = true;
  note_owner_is_ending(life, of);
  const auto* failed = std::get_if<event::ExecFailed>(&of.event);
  if (failed && failed->is_own_step && !life.status(of.index).first_attempt_settled) {
    life.made.next.progress.aborted = true;
    return life.made.actions.push_back({whole_pod, action::Abort{failed->message}});
  }
  // A restart that is due begins by decision: what the container joins may have to come first.
  const auto* timer = std::get_if<event::Timer>(&of.event);
  if (timer && timer->name == TimerName::Backoff) return;
  deliver(life, of.index, of.event);
}

}  // namespace

PodTransition step(const LifecycleSpec& spec, const PodStatus& status, const PodEvent& event, BootTime now) {
  PodLife life{.spec = spec, .now = now, .made = {.cell = TableCell::Ignored, .next = status, .actions = {}}};
  if (!status.progress.aborted) {
    std::visit([&](const auto& each) { handle(life, each); }, event);
    if (life.made.cell != TableCell::CannotHappen && !life.made.next.progress.aborted) decide(life);
  }
  record_once(life.made.actions);
  if (!life.made.actions.empty() || life.made.next != status) life.made.cell = TableCell::Acts;
  return std::move(life.made);
}

void note_done(PodStatus& status, const PodAction& done) {
  if (done.container < status.containers.size()) note_done(status.containers[done.container], done.action);
}

PodStatus lost(PodStatus status, BootTime now) {
  for (ContainerStatus& container : status.containers) {
    if (is_final(container.state)) continue;
    if (is_alive(container.state))
      container.last = Termination{.exit_code = lost_exit_code,
                                   .reason = "ContainerStatusUnknown",
                                   .message = "killed with the pod's pause",
                                   .started = container.started,
                                   .finished = now};
    container.state = ContainerState::Failed;
    container.is_started = container.ready = false;
    container.timers.cancel_all();
  }
  status.restarting_all = false;
  for (const ConditionType lost : {ConditionType::PodReadyToStartContainers, ConditionType::ContainersReady,
                                   ConditionType::Ready, ConditionType::AllContainersRestarting})
    if (Condition& condition = status.conditions[static_cast<std::size_t>(lost)]; condition.holds)
      condition = {.holds = false, .changed = now};
  return status;
}

bool has_failed_at_first(const ContainerStatus& status, ContainerRole role) {
  switch (role) {
    case ContainerRole::Init: return status.first_attempt_failed || (status.last && status.last->exit_code != 0);
    case ContainerRole::Sidecar: return status.first_attempt_failed || (status.last && !status.was_started);
    case ContainerRole::App: return status.first_attempt_failed;
  }
  return false;
}

bool started(const PodStatus& status, std::span<const ContainerRole> roles) {
  bool all = true;
  for (std::size_t i = 0; i < status.containers.size(); ++i) {
    const ContainerRole role = i < roles.size() ? roles[i] : ContainerRole::App;
    if (has_failed_at_first(status.containers[i], role)) return true;
    all &= role != ContainerRole::App || status.containers[i].first_attempt_settled;
  }
  return all;
}

std::vector<ContainerRole> roles_of(const LifecycleSpec& spec) {
  std::vector<ContainerRole> roles;
  for (const ContainerSpec& container : spec.containers) roles.push_back(container.role);
  return roles;
}

bool nothing_was_launched(const PodStatus& status) {
  return std::ranges::any_of(status.containers, [](const auto& each) { return !each.first_attempt_settled; }) &&
         std::ranges::all_of(status.containers, [](const auto& each) { return each.instance < 0; });
}

int stops_before_adoption(const PodStatus& status, int received) { return status.stopping ? std::min(received, 1) : 0; }

EndReason end_reason(const PodStatus& status) {
  if (!ended(status)) return {};
  if (status.deadline_exceeded)
    return {.reason = "DeadlineExceeded", .message = "Pod was active on the node longer than the specified deadline"};
  return {.reason = status.stopping ? "Stopped" : "", .message = ""};
}

bool ended(const PodStatus& status) {
  return std::ranges::all_of(status.containers, [](const ContainerStatus& each) { return is_final(each.state); });
}

std::string_view to_string(ConditionType type) {
  constexpr std::array<std::string_view, condition_types> names{
      "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready", "AllContainersRestarting"};
  return names[static_cast<std::size_t>(type)];
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
