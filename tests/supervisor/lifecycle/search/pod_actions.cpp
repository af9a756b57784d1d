// What the supervisor's actions do to the model's pod, and the invariants that they must keep.
#include <algorithm>
#include <utility>

#include "supervisor/lifecycle/container_hooks.hpp"
#include "tests/supervisor/lifecycle/search/pod_world.hpp"

namespace podrun::supervisor {
namespace {

using Exec = Registered::Exec;
using ModelPhase = ModelState::Phase;

/// Performs one action for container `i`; each function returns whether that is all of it.
struct Performer {
  const ModelPod& pod;
  ModelState& next;
  std::size_t i;
  std::vector<std::string>& faults;

  void expect(bool holds, const std::string& what) {
    if (!holds) faults.push_back(what);
  }

  bool operator()(const action::Launch& launch) {
    if (std::exchange(next.registered, !next.registered)) {
      next.children[i]->gate_open = true;
      return true;
    }
    expect(!next.children[i], "launched beside another instance");
    expect(!next.memory.stopping, "launched although the pod stops");
    expect(!next.memory.deadline_exceeded, "launched after the pod's deadline");
    expect(next.images.empty() || next.images[i] == Image::Present, "launched without its image");
    const int ended = next.file.containers[i].instance;
    expect(launch.instance == ended || launch.instance == ended + 1, "an instance is skipped");
    expect(precedents_are_met(), "launched before those that precede it");
    expect(!next.memory.restarting_all, "launched before all containers have ended");
    for (std::size_t other = 0; other < next.children.size(); ++other)
      expect(other == i || !is_held_by_post_start(next.memory.containers[other]) ||
                 next.memory.containers[other].post_start == HookStage::Failed ||
                 next.memory.containers[other].state != ContainerState::Running,
             "launched beside a postStart hook");
    next.children[i] = ModelChild{.instance = launch.instance};
    for (const Join& join : pod.spec.containers[i].joins) {
      if (!join.alive) continue;
      const ContainerStatus& owner = next.memory.containers[join.container];
      const bool has_owner = next.children[join.container] && next.children[join.container]->is_alive();
      expect(is_final(owner.state) || owner.state == ContainerState::Running, "launched without its owner");
      if (has_owner) continue;
      next.children[i]->gate_open = true;
      next.children[i]->exec = Exec::Failed;
      next.children[i]->exit_code = 125;
    }
    if (next.children[i]->exit_code) next.registered = false;
    return next.children[i]->exit_code.has_value();
  }
  bool precedents_are_met() const {
    for (std::size_t before = 0; before < i; ++before) {
      const ContainerStatus& status = next.memory.containers[before];
      const ContainerRole role = pod.spec.containers[before].role;
      if (role == ContainerRole::Init && status.state != ContainerState::Completed) return false;
      if (role == ContainerRole::Sidecar && !status.was_started) return false;
    }
    return true;
  }
  bool operator()(const action::Terminate&) {
    auto& child = next.children[i];
    expect(child && child->exec == Exec::Succeeded, "a TERM that has no effect");
    if (!child) return true;
    expect(!child->terminated, "a second TERM");
    expect(next.memory.containers[i].pre_stop != HookStage::Running, "a TERM before the preStop hook has ended");
    expect(!next.memory.containers[i].awaits_turn, "a TERM before its turn");
    const ContainerStatus& file = next.file.containers[i];
    expect(file.state == ContainerState::Stopping || file.stop_requested, "a TERM before the stop is on record");
    child->terminated = true;
    return true;
  }
  bool operator()(const action::Kill&) {
    auto& child = next.children[i];
    expect(child.has_value(), "nothing to kill");
    if (child && child->is_alive()) child->exit_code = 137;
    return true;
  }
  bool operator()(const action::Record&) {
    for (std::size_t each = 0; each < next.children.size(); ++each) {
      const ContainerStatus& status = next.memory.containers[each];
      const auto& child = next.children[each];
      if (child && status.signalled && status.instance == child->instance)
        expect(child->terminated, "a TERM is on record that was not sent");
      if (!child || child->exec == Exec::AtGate || status.never_ran) continue;
      expect(status.instance >= child->instance, "an instance is forgotten");
      if (status.instance > child->instance || is_alive(status.state)) continue;
      expect(child->exit_code && status.last && status.last->exit_code == child->truth(), "an exit is wrong on record");
    }
    next.file = next.memory;
    next.file.progress = {};
    for (ContainerStatus& container : next.file.containers) {
      container.ending = container.ownerless = container.signalling = false;
      container.probing = {};
    }
    return true;
  }
  bool operator()(const action::RunHook& hook) {
    auto& child = next.children[i];
    expect(child.has_value(), "a hook without an instance");
    if (!child) return true;
    const ContainerStatus& file = next.file.containers[i];
    expect(child->hooks[hook.kind] == ModelHook::None, "a hook runs twice");
    expect(file.instance == child->instance && stage_of(file, hook.kind) == HookStage::Running,
           "a hook runs before that is on record");
    expect(!child->terminated, "a hook runs after TERM");
    child->hooks[hook.kind] = child->is_alive() ? ModelHook::Running : ModelHook::Failed;
    return true;
  }
  bool operator()(const action::StartProbe&) { return true; }
  bool operator()(const action::StopProbe&) { return true; }
  bool operator()(const action::Reap&) {
    auto& child = next.children[i];
    if (!child) return true;
    const ContainerStatus& file = next.file.containers[i];
    expect(!child->is_alive(), "reaped alive");
    expect(child->exec == Exec::AtGate || file.instance > child->instance || !is_alive(file.state),
           "reaped before its exit is on record");
    for (std::size_t other = 0; other < next.children.size(); ++other)
      for (const Join& join : pod.spec.containers[other].joins)
        if (join.alive && join.container == i && next.children[other]) next.children[other]->owner_is_gone = true;
    child.reset();
    return true;
  }
  bool operator()(const action::Arm& arm) {
    return next.armed[std::min(i, next.armed.size() - 1)][static_cast<std::size_t>(arm.name)] = true;
  }
  bool operator()(const action::Started&) {
    expect(started(next.memory, roles_of(pod.spec)), "told of the start too early");
    return true;
  }
  bool operator()(const action::Ready&) { return true; }
  bool operator()(const action::Abort&) {
    next.phase = ModelPhase::Over;
    return true;
  }
  bool operator()(const action::Finish& finish) {
    expect(ended(next.memory), "finished before the end");
    expect(!next.memory.deadline_exceeded || !finish.succeeded, "succeeded despite its deadline");
    for (const auto& child : next.children) expect(!child, "finished with a child that is not reaped");
    next = first_state(pod);
    next.phase = ModelPhase::Over;
    return true;
  }
};

/// Whether nothing is done because of an event.
bool has_no_effect(const LifecycleSpec& spec, const PodStatus& status, const PodEvent& event) {
  const PodTransition made = step(spec, status, event, model_now);
  return made.actions.empty() && made.next == status;
}

/// Whether the pod ends for another reason than its deadline.
bool ends_by_itself(const ModelPod& pod, const PodStatus& status) {
  bool has_running_app = false;
  for (std::size_t i = 0; i < status.containers.size(); ++i) {
    const ContainerRole role = pod.spec.containers[i].role;
    if (role == ContainerRole::Init && status.containers[i].state == ContainerState::Failed) return true;
    has_running_app |= role == ContainerRole::App && !is_final(status.containers[i].state);
  }
  return status.stopping || !has_running_app;
}

}  // namespace

void check_at_rest(const ModelPod& pod, const ModelState& state, std::vector<std::string>& faults) {
  const auto expect = [&](bool holds, const std::string& what) {
    if (!holds) faults.push_back(what);
  };
  const LifecycleSpec its_own = has_spec_of_its_own(pod) ? spec_in(pod, state) : LifecycleSpec{};
  const LifecycleSpec& spec = has_spec_of_its_own(pod) ? its_own : pod.spec;
  const PodStatus& memory = state.memory;
  expect(has_no_effect(spec, memory, event::ImageChanged{}), "something was due and is not done");
  const auto check_timer = [&](const Timer& timer, std::size_t whose, TimerName name, const PodEvent& outdated) {
    if (!timer.due) return;
    const bool is_armed = state.armed[whose][static_cast<std::size_t>(name)];
    expect(is_armed || *timer.due <= model_now, "a timer is not armed: " + std::string(to_string(name)));
    expect(has_no_effect(spec, memory, outdated), "an outdated firing acts: " + std::string(to_string(name)));
  };
  for (std::size_t i = 0; i < state.children.size(); ++i) {
    const ContainerStatus& status = memory.containers[i];
    const auto& child = state.children[i];
    for (const TimerName name : {TimerName::Backoff, TimerName::Grace, TimerName::Hook}) {
      const Timer& timer = status.timers[name];
      check_timer(timer, i, name, event::OfContainer{i, event::Timer{name, timer.generation - 1}});
    }
    expect(!child || !child->is_alive() || !child->owner_is_gone, "a joiner outlives its owner");
    const bool is_asked = status.state == ContainerState::Stopping && !status.awaits_turn &&
                          status.pre_stop != HookStage::Running;
    if (child && child->is_alive() && child->exec == Exec::Succeeded && is_asked) {
      expect(child->terminated, "a TERM was not sent");
      expect(state.file.containers[i].signalled, "a TERM was sent and is not on record");
    }
    const bool waits = status.state == ContainerState::Waiting || status.state == ContainerState::Backoff;
    expect(!waits || waiting_reason(spec, memory, i, model_now) != WaitingReason::None, "it waits without a reason");
  }
  const Timer& deadline = memory.progress.timers[TimerName::Deadline];
  check_timer(deadline, state.children.size(), TimerName::Deadline,
              event::PodTimer{TimerName::Deadline, deadline.generation - 1});
  expect(!state.deadline_has_passed || memory.deadline_exceeded || ends_by_itself(pod, memory),
         "it outlives its deadline");
}

bool perform_action(const ModelPod& pod, ModelState& state, const PodAction& action, std::vector<std::string>& faults) {
  return std::visit(Performer{pod, state, action.container, faults}, action.action);
}

}  // namespace podrun::supervisor
