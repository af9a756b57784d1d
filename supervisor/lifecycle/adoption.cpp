// Compares the state file with the pause's register: what a killed supervisor has left undone.
#include "supervisor/lifecycle/adoption.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "supervisor/lifecycle/container_ending.hpp"
#include "supervisor/lifecycle/container_hooks.hpp"
#include "supervisor/lifecycle/container_probes.hpp"

namespace podrun::supervisor {
namespace {

struct Adoption {
  const ContainerPolicy& policy;
  BootTime now;
  Adopted adopted;

  ContainerState state() const { return adopted.next.state; }
};

void act(Adoption& adoption, Action action) {
  adoption.adopted.actions.push_back(action);
}

void feed(Adoption& adoption, const Event& event) {
  Transition transition = step(adoption.policy, adoption.adopted.next, event, adoption.now);
  adoption.adopted.next = std::move(transition.next);
  std::ranges::move(transition.actions, std::back_inserter(adoption.adopted.actions));
}

/// Timers end with the supervisor that armed them; their times are in the state file. A restart that is due needs no
/// timer.
void rearm(Adoption& adoption) {
  Timers& timers = adoption.adopted.next.timers;
  for (const TimerName name : {TimerName::Backoff, TimerName::Grace, TimerName::Hook}) {
    const std::optional<BootTime> due = timers[name].due;
    if (!due || (name == TimerName::Backoff && *due <= adoption.now)) continue;
    timers.set(name, *due);
    act(adoption, action::Arm{.name = name, .due = *due, .generation = timers[name].generation});
  }
}

/// Whether the register still holds a child whose exit is already in the state file.
bool is_settled(const ContainerStatus& status, const Registered& registered) {
  return registered.instance < status.instance || !is_alive(status.state);
}

bool never_ran(const Registered& registered) {
  return registered.exec == Registered::Exec::AtGate && registered.exit_code;
}

/// Whether the child was launched after the state file was written.
bool is_unrecorded_launch(const ContainerStatus& status, const Registered& registered) {
  return registered.instance > status.instance ||
         (registered.instance == status.instance && status.never_ran && !never_ran(registered));
}

/// Applies the events of a child that no supervisor has handled.
void apply_missed_events(Adoption& adoption, const Registered& registered) {
  if (never_ran(registered)) return feed(adoption, event::NeverRan{});
  const bool exec_unheard = adoption.adopted.next.started == BootTime{0};
  if (exec_unheard) {
    switch (registered.exec) {
      case Registered::Exec::Succeeded:
        feed(adoption, event::ExecOk{});
        break;
      case Registered::Exec::Failed:
        feed(adoption, event::ExecFailed{registered.start_error});
        break;
      case Registered::Exec::Pending:
      case Registered::Exec::AtGate:
        break;
    }
  }
  if (registered.exit_code)
    feed(adoption, event::Exited{.exit_code = *registered.exit_code,
                                 .message = registered.message,
                                 .oom_killed = registered.oom_killed});
}

/// The last supervisor died after it had sent the signal, and before that was on record.
void note_signal(Adoption& adoption, const Registered& registered) {
  if (!registered.terminated || std::exchange(adoption.adopted.next.signalled, true)) return;
  act(adoption, action::Record{});
}

/// A hook on record as running was begun by the last supervisor; a sleep goes on by its timer.
void resume_hook(Adoption& adoption, const Registered& registered, pod::HookKind kind) {
  const ContainerStatus& status = adoption.adopted.next;
  if (stage_of(status, kind) != HookStage::Running) return;
  if (const auto& its = adoption.policy.hooks[kind]; its && its->sleep) return;
  if (registered.hooks[kind] == Registered::Hook::Found) {
    if (std::exchange(adoption.adopted.next.hook_begun[kind], true)) return;
    return act(adoption, action::Record{});
  }
  if (!status.hook_begun[kind]) {
    act(adoption, action::RunHook{kind});
    return act(adoption, action::Record{});
  }
  feed(adoption, event::HookEnded{.instance = status.instance,
                                  .kind = kind,
                                  .succeeded = false,
                                  .message = "its result was lost"});
}

/// Probes ended with the supervisor that had them made.
void resume_probes(Adoption& adoption) {
  Life life{.policy = adoption.policy, .now = adoption.now, .next = std::move(adoption.adopted.next), .actions = {}};
  tend_probes(life);
  adoption.adopted.next = std::move(life.next);
  std::ranges::move(life.actions, std::back_inserter(adoption.adopted.actions));
}

/// A child that is alive, or whose exit is not in the state file.
void resume_with_child(Adoption& adoption, const Registered& registered) {
  const ContainerState before = adoption.state();
  note_signal(adoption, registered);
  const HookStage post_start = adoption.adopted.next.post_start;
  apply_missed_events(adoption, registered);
  if (registered.exit_code) return;
  if (post_start == HookStage::Running) resume_hook(adoption, registered, pod::HookKind::PostStart);
  if (before == ContainerState::Stopping) resume_hook(adoption, registered, pod::HookKind::PreStop);
  // The stop is in the state file, but the signal may not have been sent.
  if (before == ContainerState::Stopping && is_signal_due(adoption.adopted.next)) {
    adoption.adopted.next.signalling = true;
    act(adoption, action::Terminate{});
    act(adoption, action::Record{});
  }
  if (before == ContainerState::Killing) act(adoption, action::Kill{});
  rearm(adoption);
}

void resume_without_child(Adoption& adoption) {
  switch (adoption.state()) {
    case ContainerState::Starting:
      return feed(adoption, event::NeverRan{});
    case ContainerState::Running:
    case ContainerState::Stopping:
    case ContainerState::Killing:
      return feed(adoption, event::Exited{.exit_code = lost_exit_code, .is_lost = true});
    case ContainerState::Backoff:
    case ContainerState::Waiting:
      return rearm(adoption);
    case ContainerState::Completed:
    case ContainerState::Failed:
      return;
  }
}

}  // namespace

Adopted reconcile(const ContainerPolicy& policy, const ContainerStatus& status,
                  const std::optional<Registered>& registered, BootTime now) {
  Adoption adoption{.policy = policy, .now = now, .adopted = {.next = status, .actions = {}}};
  adoption.adopted.next.probing = {};
  adoption.adopted.next.signalling = false;
  if (registered && is_unrecorded_launch(status, *registered))
    adoption.adopted.next = launched(status, registered->instance);

  const bool is_on_record = registered && is_settled(adoption.adopted.next, *registered);
  if (is_on_record) act(adoption, action::Reap{});
  if (registered && !is_on_record) resume_with_child(adoption, *registered);
  else resume_without_child(adoption);
  resume_probes(adoption);
  bool reaped = false;
  std::erase_if(adoption.adopted.actions, [&](const Action& each) {
    return std::holds_alternative<action::Reap>(each) && std::exchange(reaped, true);
  });
  return std::move(adoption.adopted);
}

}  // namespace podrun::supervisor
