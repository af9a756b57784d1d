// The engine: queue of events → lifecycle → actions.
#include "supervisor/engine/engine.hpp"

#include <utility>
#include <variant>

#include "pod/spec/namespaces.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {

LifecycleSpec lifecycle_of(const pod::PodPlan& plan) {
  LifecycleSpec spec{.grace = std::chrono::seconds(plan.grace_seconds)};
  for (const pod::ContainerPlan& container : plan.containers) {
    ContainerSpec its{.policy = {.restart = plan.restart_policy,
                                 .backoff = {.initial = plan.backoff.initial,
                                             .max = plan.backoff.max,
                                             .reset = plan.backoff.reset}}};
    for (const pod::NamespaceKind kind : pod::kinds_of(container.namespaces, pod::NamespaceOwner::Container))
      its.joins.push_back({.container = pod::source_of(container.namespaces, kind).container,
                           .alive = pod::needs_living_owner(kind)});
    spec.containers.push_back(std::move(its));
  }
  return spec;
}

Engine::Engine(PodContext& pod, EnginePorts ports)
    : pod_(pod),
      ports_(std::move(ports)),
      spec_(lifecycle_of(pod.plan)),
      state_(pod.layout, pod.plan.id) {}

void Engine::handle(PodEvent event) {
  queue_.push_back(std::move(event));
  if (handling_) return;
  handling_ = true;
  while (!queue_.empty()) handle_next();
  handling_ = false;
  ports_.settled();
}

void Engine::handle_next() {
  const PodEvent event = std::move(queue_.front());
  queue_.pop_front();
  const BootTime now = boot_now();
  PodStatus& status = pod_.record.status;
  const PodStatus before = status;
  PodTransition transition = step(spec_, before, event, now);
  if (transition.cell == TableCell::CannotHappen)
    log_error("internal error: an event that cannot happen in this state");
  status = std::move(transition.next);
  if (status.stopping && !before.stopping) {
    const auto* const stop = std::get_if<event::PodStop>(&event);
    ports_.stopping(stop != nullptr && stop->grace ? *stop->grace : spec_.grace);
  }
  if (!std::holds_alternative<event::Adopted>(event)) log_transitions(before, now);
  for (const PodAction& action : transition.actions) {
    perform(action);
    note_done(status, action);
    if (is_about_to_abort()) break;  // no other container is launched into a pod that ends
  }
}

/// Whether the next event aborts the pod's start.
bool Engine::is_about_to_abort() const {
  return !queue_.empty() && step(spec_, pod_.record.status, queue_.front(), boot_now()).next.progress.aborted;
}

void Engine::perform(const PodAction& each) {
  if (std::holds_alternative<action::Record>(each.action)) return record();
  if (const auto* const timer = std::get_if<action::Arm>(&each.action)) return arm(each.container, *timer);
  ports_.perform(each);
}

void Engine::record() {
  if (auto written = state_.write(pod_.record); !written) log_error("state file: {}", written.error().message);
}

void Engine::arm(std::size_t container, const action::Arm& arm) {
  auto timer = pod_.loop.at(arm.due, [this, container, name = arm.name, generation = arm.generation] {
    if (container == whole_pod) handle(event::PodTimer{name, generation});
    else handle(event::OfContainer{container, event::Timer{name, generation}});
  });
  if (timer) timers_[{container, arm.name}] = std::move(*timer);
  else log_error("{}: {}", container == whole_pod ? pod_.plan.name : pod_.plan.containers[container].name,
                 timer.error().message);
}

void Engine::log_transitions(const PodStatus& before, BootTime now) const {
  for (std::size_t index = 0; index < before.containers.size(); ++index) {
    const std::string words = describe_transition(pod_.plan.containers[index].name, before.containers[index],
                                                  pod_.record.status.containers[index], now);
    if (!words.empty()) log_info("{}", words);
  }
}

}  // namespace podrun::supervisor
