// The engine: queue of events → lifecycle → actions.
#include "supervisor/engine/engine.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/lifecycle_spec.hpp"
#include "supervisor/history/events_of.hpp"
#include "supervisor/history/health_messages.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {

Engine::Engine(PodContext& pod, const ns::DirectoryHandle& logs, EnginePorts ports)
    : pod_(pod),
      ports_(std::move(ports)),
      spec_(lifecycle_of(pod)),
      state_(pod.layout, pod.plan.id),
      events_(logs, !pod.is_first) {}

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
  write_events(before, event, now);  // first: what is on record is not found again by a later supervisor
  if (status.stopping && !before.stopping) {
    const auto* const stop = std::get_if<event::PodStop>(&event);
    ports_.stopping(stop != nullptr && stop->grace ? *stop->grace : spec_.grace);
  }
  if (!std::holds_alternative<event::Adopted>(event)) log_transitions(before, event, now);
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

void Engine::change_image(std::size_t container, Image image) {
  spec_.containers.at(container).image = image;
  record();
  handle(event::ImageChanged{});
}

void Engine::record() {
  const Result<> written = state_.write(pod_.record);
  is_on_record_ = bool(written);
  if (!written) log_error("state file: {}", written.error().message);
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

void Engine::write_events(const PodStatus& before, const PodEvent& event, BootTime now) {
  append(events_of(pod_.record, before, pod_.record.status, event, {.boot = now, .wall = wall_now()}));
}

void Engine::note(const LoggedEvent& event) { append({event}); }

/// Says once that events cannot be written, and once that they can be again.
void Engine::append(const std::vector<LoggedEvent>& events) {
  const auto written = events_.append(events);
  if (std::exchange(in_trouble_, !written) == !written) return;
  if (written) log_info("events: they can be written again");
  else log_warning("events: {}: they are lost until they can be written", written.error().message);
}

/// "app", or "init 2 of 3: migrate".
std::string Engine::name_in_messages(std::size_t index) const {
  const auto& containers = pod_.plan.containers;
  if (containers[index].role != pod::ContainerRole::Init) return containers[index].name;
  const auto inits = std::ranges::count_if(
      containers, [](const pod::ContainerPlan& each) { return each.role != pod::ContainerRole::App; });
  return fmt::format("init {} of {}: {}", index + 1, inits, containers[index].name);
}

/// Failed probes and hooks come first, then ends: they are the reason of what else has changed.
void Engine::log_transitions(const PodStatus& before, const PodEvent& event, BootTime now) const {
  const auto& after = pod_.record.status.containers;
  if (pod_.record.status.deadline_exceeded && !before.deadline_exceeded)
    log_info("the pod has run for as long as activeDeadlineSeconds allows: its containers are ended");
  if (const auto* of = std::get_if<event::OfContainer>(&event); of != nullptr && of->index < after.size()) {
    const std::string words =
        describe_health(name_in_messages(of->index), of->event, before.containers[of->index], after[of->index]);
    if (!words.empty()) log_info("{}", words);
  }
  for (const bool ends : {true, false})
    for (std::size_t index = 0; index < before.containers.size(); ++index) {
      if ((after[index].last != before.containers[index].last) != ends) continue;
      const std::string words =
          describe_transition(name_in_messages(index), before.containers[index], after[index], now,
                              pod_.plan.containers[index].stop_signal);
      if (!words.empty()) log_info("{}", words);
    }
}

}  // namespace podrun::supervisor
