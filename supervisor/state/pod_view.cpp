// Converts a record into the terms of Kubernetes' API.
#include "supervisor/state/pod_view.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "supervisor/state/pod_conditions.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

/// What the view of a container depends on besides the container.
struct Context {
  const PodRecord& record;
  WallTime boot;  // time of the boot

  std::optional<WallTime> at(BootTime time) const {
    if (time == BootTime{0}) return std::nullopt;
    return boot + time;
  }
};

TerminatedView terminated(const Context& context, const Termination& termination) {
  return {.exit_code = termination.exit_code,
          .reason = termination.reason,
          .message = termination.message.empty() && !is_of_pod(termination.cause) ? termination.cause
                                                                                  : termination.message,
          .started = context.at(termination.started),
          .finished = context.at(termination.finished),
          .cause = termination.cause};
}

/// For a container that was stopped before its first start.
TerminatedView never_ran() {
  return {.exit_code = 137,
          .reason = "NeverStarted",
          .message = "stopped before its first start",
          .started = std::nullopt,
          .finished = std::nullopt};
}

bool has_init_containers(const PodRecord& record) {
  return std::ranges::any_of(record.containers,
                             [](const auto& each) { return each.role != pod::ContainerRole::App; });
}

/// Whether an init container has failed for good, so that what comes after it is never started.
bool has_failed_to_initialize(const PodRecord& record) {
  for (std::size_t i = 0; i < record.containers.size(); ++i)
    if (record.containers[i].role == pod::ContainerRole::Init &&
        record.status.containers[i].state == ContainerState::Failed)
      return true;
  return false;
}

WaitingView creating(const Context& context) {
  return {.reason = has_init_containers(context.record) ? "PodInitializing" : "ContainerCreating", .message = ""};
}

/// The message of the kubelet; the delay is printed as in Go.
WaitingView backing_off(const Context& context, const ContainerRecord& container, const Backoff& backoff) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(backoff.delay).count();
  const std::string delay =
      seconds < 60 ? fmt::format("{}s", seconds) : fmt::format("{}m{}s", seconds / 60, seconds % 60);
  return {.reason = "CrashLoopBackOff",
          .message = fmt::format("back-off {} restarting failed container={} pod={}_{}({})", delay, container.name,
                                 context.record.name, context.record.namespace_name, context.record.uid)};
}

/// An init container is ready when it has done its work.
bool is_ready(const Context& context, pod::ContainerRole role, const ContainerStatus& status) {
  if (role == pod::ContainerRole::Init) return status.state == ContainerState::Completed;
  return has_health(context.record.status) ? status.ready : status.state == ContainerState::Running;
}

/// Kubernetes' `started`.
bool is_started(const Context& context, pod::ContainerRole role, const ContainerStatus& status) {
  if (role != pod::ContainerRole::Init && has_health(context.record.status)) return status.is_started;
  return status.started != BootTime{0} && is_alive(status.state);
}

ContainerView container_view(const Context& context, std::size_t index) {
  const ContainerRecord& container = context.record.containers[index];
  const ContainerStatus& status = context.record.status.containers[index];
  ContainerView view{.name = container.name,
                     .role = container.role,
                     .image = container.image,
                     .image_id = container.image_id,
                     .ready = is_ready(context, container.role, status),
                     .restart_count = status.restart_count,
                     .state = creating(context),
                     .last_state = std::nullopt,
                     .started = is_started(context, container.role, status),
                                          .awaits = awaited_by(context.record, index),
                     .cause = is_alive(status.state) ? status.cause : ""};
  switch (status.state) {
    case ContainerState::Waiting:
      if (!container.image_fault.empty())
        view.state = WaitingView{.reason = container.image_fault, .message = container.image_message};
      break;
    case ContainerState::Starting:
      break;
    case ContainerState::Running:
    case ContainerState::Stopping:
    case ContainerState::Killing:
      if (status.post_start == HookStage::Failed)
        view.state = WaitingView{.reason = "PostStartHookError", .message = status.cause};
      else if (status.started != BootTime{0} && status.post_start != HookStage::Running)
        view.state = RunningView{context.at(status.started)};
      break;
    case ContainerState::Backoff:
      view.state = backing_off(context, container, status.backoff);
      if (const auto due = status.timers[TimerName::Backoff].due) view.next_try = context.at(*due);
      break;
    case ContainerState::Completed:
    case ContainerState::Failed:
      if (status.last) view.state = terminated(context, *status.last);
      else if (!has_failed_to_initialize(context.record)) view.state = never_ran();
      return view;
  }
  // Its process has not ended yet, but its program will not run.
  if (status.pending_start_error) view.state = terminated(context, *status.pending_start_error);
  if (status.last) view.last_state = terminated(context, *status.last);
  return view;
}

/// The time at which a stopping pod will be gone: when the last grace period of its containers is over.
std::optional<WallTime> deletion(const Context& context, BootTime now) {
  const PodStatus& status = context.record.status;
  if (!status.stopping || ended(status)) return std::nullopt;
  BootTime last = now;
  for (const ContainerStatus& container : status.containers)
    last = std::max(last, container.timers[TimerName::Grace].due.value_or(now));
  return context.at(last);
}

/// The time of the boot. If the wall clock was not set since the pod's start, it is computed from the clock at that
/// time, so that shown times do not change; otherwise from the present time.
WallTime boot_time(const PodRecord& record, BootTime now, WallTime realtime) {
  const WallTime then = WallTime(std::chrono::nanoseconds(record.started_realtime)) - record.started;
  const WallTime today = realtime - now;
  return std::chrono::abs(today - then) < std::chrono::seconds(1) ? then : today;
}

}  // namespace

bool has_health(const PodStatus& status) {
  return std::ranges::any_of(status.conditions, [](const Condition& each) { return each.changed != BootTime{0}; });
}

std::string awaited_by(const PodRecord& record, std::size_t index) {
  const ContainerStatus& status = record.status.containers[index];
  if (record.containers[index].role == pod::ContainerRole::Init || !has_health(record.status)) return "";
  if (status.state != ContainerState::Running || status.ready) return "";
  if (status.post_start == HookStage::Running) return "its postStart hook";
  return status.is_started ? "its readiness probe" : "its startup probe";
}

bool has_run(const ContainerView& container) {
  const auto ran = [](const TerminatedView& end) { return end.started.has_value(); };
  const auto* const end = std::get_if<TerminatedView>(&container.state);
  return std::holds_alternative<RunningView>(container.state) || (end != nullptr && ran(*end)) ||
         (container.last_state && ran(*container.last_state));
}

PodView view_of(const PodRecord& record, BootTime now, WallTime realtime) {
  const Context context{.record = record, .boot = boot_time(record, now, realtime)};
  PodView view{.name = record.name,
               .namespace_name = record.namespace_name,
               .uid = record.uid,
               .phase = std::string(to_string(phase(record))),
               .reason = std::string(end_reason(record.status).reason),
               .message = std::string(end_reason(record.status).message),
               .created = context.at(record.started),
               .deletion = deletion(context, now),
               .containers = {}};
  for (std::size_t index = 0; index < record.containers.size(); ++index)
    view.containers.push_back(container_view(context, index));
  view.networks = record.networks;
  for (const NetworkRecord& network : record.networks)
    if (network.container.empty()) view.pod_ips = texts_of(network.addresses);
  if (has_health(record.status))
    add_conditions(view, record.status.conditions, [&](BootTime time) { return context.at(time); });
  return view;
}

PodView view_of_failed_start(const PodRecord& record, const std::string& why, BootTime now, WallTime realtime) {
  PodView view = view_of(record, now, realtime);
  view.phase = to_string(Phase::Failed);
  view.reason = "StartError";
  view.message = why;
  for (ConditionView& condition : view.conditions) condition.holds = false;
  for (ContainerView& container : view.containers) {
    container.ready = false;
    container.state = TerminatedView{.exit_code = 128,
                                     .reason = "StartError",
                                     .message = "the start of the pod failed: " + why,
                                     .started = std::nullopt,
                                     .finished = std::nullopt};
  }
  return view;
}

}  // namespace podrun::supervisor
