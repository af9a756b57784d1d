// The events of one step.
#include "supervisor/history/events_of.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "supervisor/history/health_messages.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

constexpr bool normal = false, warning = true;

/// One container in a step.
struct Change {
  const PodRecord& record;
  const ContainerRecord& container;
  const ContainerStatus& before;
  const ContainerStatus& after;
  const Event* event;  ///< that of this container; nullptr: the step was another's or the pod's
  StepTime now;
  std::vector<LoggedEvent>& events;

  const std::string& name() const { return container.name; }

  /// `what` tells apart what has the same reason in one instance.
  void add(bool is_warning, std::string_view reason, std::string_view what, int instance, std::string message,
           std::string output = "") const {
    events.push_back({.id = fmt::format("{}/{}/{}", container.name, instance, what),
                      .time = now.wall,
                      .is_warning = is_warning,
                      .reason = std::string(reason),
                      .container = container.name,
                      .role = container.role,
                      .instance = instance,
                      .message = std::move(message),
                      .output = std::move(output)});
  }
  void add(bool is_warning, std::string_view reason, std::string message) const {
    add(is_warning, reason, reason, after.instance, std::move(message));
  }
};

std::string_view word(pod::ProbeKind kind) {
  switch (kind) {
    case pod::ProbeKind::Startup: return "Startup";
    case pod::ProbeKind::Liveness: return "Liveness";
    case pod::ProbeKind::Readiness: return "Readiness";
  }
  return "";
}

std::string with(std::string words, const std::string& message) {
  return message.empty() ? words : fmt::format("{}: {}", words, message);
}

bool has_ended(const Change& change) { return change.after.last && change.after.last != change.before.last; }

bool is_new_instance(const Change& change) {
  return change.after.instance > change.before.instance ||
         (change.after.state == ContainerState::Starting && change.before.state != ContainerState::Starting &&
          change.before.never_ran);
}

/// The number of the instance that has ended. The next one may have been launched in the same step.
int ended_instance(const Change& change) {
  const bool is_launched = change.after.state == ContainerState::Starting &&
                           change.after.instance > change.before.instance;
  return std::max(is_launched ? change.after.instance - 1 : change.after.instance, 0);
}

/// Whether an instance was launched, and has ended, while no supervisor lived to see it.
bool was_missed(const Change& change) { return has_ended(change) && ended_instance(change) > change.before.instance; }

void add_probe_result(const Change& change) {
  const auto* const result = change.event != nullptr ? std::get_if<event::ProbeResult>(change.event) : nullptr;
  if (result == nullptr || result->succeeded || result->instance != change.after.instance ||
      !is_alive(change.before.state))
    return;
  if (result->is_unknown)
    return change.add(warning, "Unhealthy", fmt::format("Errored-{}", word(result->kind)), change.after.instance,
                      fmt::format("{} probe errored: {}", word(result->kind), result->message));
  // A readiness probe can fail many times in one instance; each time is another event.
  const std::string what = result->kind == pod::ProbeKind::Readiness
                               ? fmt::format("Unhealthy-readiness-{}", change.now.boot.count())
                               : fmt::format("Unhealthy-{}", result->kind == pod::ProbeKind::Startup ? "startup"
                                                                                                     : "liveness");
  change.add(warning, "Unhealthy", what, change.after.instance,
             with(fmt::format("{} probe failed", word(result->kind)), result->message), result->output);
}

void add_hook_failure(const Change& change, HookStage before, HookStage after, pod::HookKind kind) {
  if (after != HookStage::Failed || before == HookStage::Failed) return;
  const auto* const ended = change.event != nullptr ? std::get_if<event::HookEnded>(change.event) : nullptr;
  const bool is_post_start = kind == pod::HookKind::PostStart;
  const std::string_view reason = is_post_start ? "FailedPostStartHook" : "FailedPreStopHook";
  change.add(warning, reason, reason, change.after.instance,
             with(is_post_start ? "PostStartHook failed" : "PreStopHook failed",
                  ended != nullptr ? ended->message : pre_stop_outlasts_grace),
             ended != nullptr ? ended->output : "");
}

void add_end(const Change& change) {
  if (!has_ended(change)) return;
  const Termination& end = *change.after.last;
  const int instance = ended_instance(change);
  if (end.reason == "StartError") {
    if (!change.before.pending_start_error)
      change.add(warning, "Failed", "Failed", instance, with("Error", end.message));
  } else {
    const bool was_stopped = change.after.stop_requested || !end.cause.empty();
    const bool is_bad = end.exit_code != 0 && !was_stopped;
    std::string words = end_in_words(end);
    change.add(is_bad ? warning : normal, "ContainerDied", "ContainerDied", instance,
               fmt::format("Container {} {}", change.name(), words));
  }
  const auto& due = change.after.timers[TimerName::Backoff].due;
  if (change.after.state == ContainerState::Backoff && due && *due > change.now.boot)
    change.add(warning, "BackOff", "BackOff", instance,
               fmt::format("Back-off {} restarting failed container {} in pod {}_{}({})",
                           human_duration(change.after.backoff.delay), change.name(), change.record.name,
                           change.record.namespace_name, change.record.uid));
}

void add_start_error(const Change& change) {
  if (change.after.pending_start_error && !change.before.pending_start_error)
    change.add(warning, "Failed", with("Error", change.after.pending_start_error->message));
}

bool is_ending(const ContainerStatus& status) {
  return status.state == ContainerState::Stopping || status.state == ContainerState::Killing;
}

void add_stop(const Change& change) {
  if (has_ended(change) || !is_ending(change.after)) return;
  constexpr std::string_view on_request = "the pod was stopped";  // Kubernetes does not say so either
  const std::string cause = change.after.cause == on_request ? "" : change.after.cause;
  if (!is_ending(change.before))
    return change.add(
        normal, "Killing",
        with(fmt::format("{} container {}", change.after.state == ContainerState::Killing ? "Killing" : "Stopping",
                         change.name()),
             cause));
  if (change.after.state == ContainerState::Killing && change.before.state == ContainerState::Stopping)
    change.add(normal, "Killing", "Killing-SIGKILL", change.after.instance,
               fmt::format("Killing container {}: it has not ended in its grace period", change.name()));
}

void add_missed_start(const Change& change) {
  if (!was_missed(change)) return;
  const int instance = ended_instance(change);
  change.add(normal, "Created", "Created", instance, fmt::format("Created container: {}", change.name()));
  if (change.after.last->started != BootTime{0})
    change.add(normal, "Started", "Started", instance, fmt::format("Started container {}", change.name()));
}

void add_start(const Change& change) {
  if (was_missed(change) && ended_instance(change) == change.after.instance) return;
  if (is_new_instance(change)) change.add(normal, "Created", fmt::format("Created container: {}", change.name()));
  const bool runs = change.after.started != BootTime{0} && !change.after.pending_start_error;
  const bool is_another = is_new_instance(change) || change.before.started == BootTime{0};
  if (runs && is_another) change.add(normal, "Started", fmt::format("Started container {}", change.name()));
}

/// Readiness that comes with the start is no news.
void add_ready(const Change& change) {
  const bool ran_before = change.before.started != BootTime{0} && !is_new_instance(change);
  if (!change.after.ready || change.before.ready || !ran_before || !is_alive(change.after.state)) return;
  change.add(normal, "Ready", fmt::format("Ready-{}", change.now.boot.count()), change.after.instance,
             fmt::format("Container {} is ready", change.name()));
}

/// A step of podrun's own failed at a first start: the pod's start ends with it.
void add_abort(const Change& change) {
  const auto* const failed = change.event != nullptr ? std::get_if<event::ExecFailed>(change.event) : nullptr;
  if (failed != nullptr && failed->is_own_step && !change.after.pending_start_error && !has_ended(change))
    change.add(warning, "Failed", with("Error", failed->message));
}

LoggedEvent deadline_exceeded(StepTime now) {
  return {.id = "pod/DeadlineExceeded",
          .time = now.wall,
          .reason = "DeadlineExceeded",
          .message = "Pod was active on the node longer than the specified deadline"};
}

}  // namespace

std::vector<LoggedEvent> events_of(const PodRecord& record, const PodStatus& before, const PodStatus& after,
                                   const PodEvent& event, StepTime now) {
  std::vector<LoggedEvent> events;
  if (after.deadline_exceeded && !before.deadline_exceeded) events.push_back(deadline_exceeded(now));
  const auto* const of = std::get_if<event::OfContainer>(&event);
  const auto each = [&](auto&&... parts) {
    for (std::size_t index = 0; index < record.containers.size(); ++index) {
      const Change change{.record = record,
                          .container = record.containers[index],
                          .before = before.containers[index],
                          .after = after.containers[index],
                          .event = of != nullptr && of->index == index ? &of->event : nullptr,
                          .now = now,
                          .events = events};
      (parts(change), ...);
    }
  };
  const auto add_hooks = [](const Change& change) {
    add_hook_failure(change, change.before.post_start, change.after.post_start, pod::HookKind::PostStart);
    add_hook_failure(change, change.before.pre_stop, change.after.pre_stop, pod::HookKind::PreStop);
  };
  each(add_probe_result, add_hooks, add_start_error, add_abort);
  each(add_missed_start, add_end);
  each(add_stop);
  each(add_start, add_ready);
  return events;
}

}  // namespace podrun::supervisor
