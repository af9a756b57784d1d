// Probes and hooks in the model: what a supervisor hears of them, and what their commands do.
#include <algorithm>
#include <utility>

#include "supervisor/lifecycle/container_hooks.hpp"
#include "tests/supervisor/lifecycle/search/pod_world.hpp"

namespace podrun::supervisor {
namespace {

using ModelPhase = ModelState::Phase;
using pod::HookKind;
using pod::ProbeKind;

constexpr std::array hook_names{"postStart", "preStop"};
constexpr std::array probe_names{"startup", "liveness", "readiness"};

}  // namespace

void take_event(const ModelPod& pod, ModelState& state, const PodEvent& event, std::vector<std::string>& faults) {
  PodTransition made = has_spec_of_its_own(pod) ? step(spec_in(pod, state), state.memory, event, model_now)
                                                : step(pod.spec, state.memory, event, model_now);
  if (made.cell == TableCell::CannotHappen) faults.push_back("an event came that cannot happen");
  state.memory = std::move(made.next);
  reduce(state.memory);
  state.pending.assign(made.actions.begin(), made.actions.end());
}

void add_stage_events(const ModelPod& pod, const ModelState& state, std::vector<ModelMove>& moves,
                      std::vector<std::string>& faults) {
  const auto hear = [&](std::size_t i, const std::string& what, const Event& event) {
    ModelState next = state;
    take_event(pod, next, event::OfContainer{i, event}, faults);
    reduce(next);
    moves.push_back({std::to_string(i) + ": " + what, std::move(next)});
  };
  for (std::size_t i = 0; i < state.children.size(); ++i) {
    const ContainerStatus& status = state.memory.containers[i];
    for (const ProbeKind kind : {ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness}) {
      if (!status.probing[kind]) continue;
      const std::string name = probe_names[static_cast<std::size_t>(kind)];
      const bool may_succeed = kind == ProbeKind::Startup || (kind == ProbeKind::Readiness && !status.ready);
      if (may_succeed) hear(i, name + " succeeds", event::ProbeResult{status.instance, kind, true});
      if (kind != ProbeKind::Readiness || status.ready)
        hear(i, name + " fails", event::ProbeResult{status.instance, kind, false});
    }
    if (!state.children[i] || status.instance != state.children[i]->instance) continue;
    for (const HookKind kind : {HookKind::PostStart, HookKind::PreStop}) {
      const ModelHook hook = state.children[i]->hooks[kind];
      if (hook != ModelHook::Succeeded && hook != ModelHook::Failed) continue;
      if (stage_of(status, kind) != HookStage::Running) continue;
      hear(i, std::string(hook_names[static_cast<std::size_t>(kind)]) + "'s end is heard",
           event::HookEnded{status.instance, kind, hook == ModelHook::Succeeded});
    }
  }
}

void add_hook_processes(const ModelState& state, std::vector<ModelMove>& moves) {
  const auto change = [&](std::size_t i, HookKind kind, const std::string& how, ModelHook to) {
    ModelState next = state;
    next.children[i]->hooks[kind] = to;
    reduce(next);
    moves.push_back({std::to_string(i) + ": " + hook_names[static_cast<std::size_t>(kind)] + how, std::move(next)});
  };
  for (std::size_t i = 0; i < state.children.size(); ++i) {
    if (!state.children[i]) continue;
    for (const HookKind kind : {HookKind::PostStart, HookKind::PreStop}) {
      const ModelHook hook = state.children[i]->hooks[kind];
      if (hook == ModelHook::Running) {
        if (state.children[i]->is_alive()) change(i, kind, " succeeds", ModelHook::Succeeded);
        change(i, kind, " fails", ModelHook::Failed);
      }
      // The former supervisor died when it had taken the command from the register, before that was on record.
      const bool has_ended = hook == ModelHook::Succeeded || hook == ModelHook::Failed;
      if (has_ended && state.phase == ModelPhase::Dead &&
          stage_of(state.file.containers[i], kind) == HookStage::Running && state.file.containers[i].hook_begun[kind])
        change(i, kind, "'s result is lost", ModelHook::Lost);
    }
  }
}

void check_stages_at_rest(const ModelPod& pod, const ModelState& state, std::vector<std::string>& faults) {
  const auto expect = [&](bool holds, const std::string& what) {
    if (!holds) faults.push_back(what);
  };
  const auto roles = roles_of(pod.spec);
  PodStatus other_ends = state.memory;
  for (std::size_t i = 0; i < state.children.size(); ++i) {
    const ContainerStatus& status = state.memory.containers[i];
    const ContainerPolicy& policy = pod.spec.containers[i].policy;
    expect(!status.ready || status.is_started, "ready before it is started");
    expect(!status.is_started || (is_alive(status.state) && status.started != BootTime{0}),
           "started without a program that runs");
    expect(!status.stop_requested || (!status.probing[ProbeKind::Startup] && !status.probing[ProbeKind::Liveness]),
           "probed although it is to end");
    expect(status.pre_stop != HookStage::Running || status.state != ContainerState::Stopping ||
               status.timers[TimerName::Grace].due,
           "nothing ends the wait for a preStop hook");
    for (const HookKind kind : {HookKind::PostStart, HookKind::PreStop}) {
      const bool sleeps = policy.hooks[kind] && policy.hooks[kind]->sleep;
      const bool runs = stage_of(status, kind) == HookStage::Running;
      const bool matters = status.state == (kind == HookKind::PostStart ? ContainerState::Running
                                                                        : ContainerState::Stopping);
      expect(!sleeps || !runs || !matters || status.timers[TimerName::Hook].due, "a sleep never ends");
    }
    const bool is_sidecar = roles[i] == ContainerRole::Sidecar;
    if (is_sidecar && status.state == ContainerState::Completed)
      other_ends.containers[i].state = ContainerState::Failed;
    if (is_sidecar && status.state == ContainerState::Failed)
      other_ends.containers[i].state = ContainerState::Completed;
  }
  expect(phase(other_ends, roles) == phase(state.memory, roles), "the end of a sidecar decides the phase");
  const bool is_ready = state.memory.conditions[static_cast<std::size_t>(ConditionType::Ready)].holds;
  const bool all_ready = std::ranges::all_of(pod.spec.containers, [&](const ContainerSpec& each) {
    const auto index = static_cast<std::size_t>(&each - pod.spec.containers.data());
    return each.role == ContainerRole::Init || state.memory.containers[index].ready;
  });
  expect(!is_ready || all_ready, "the pod is ready and a container is not");
}

}  // namespace podrun::supervisor
