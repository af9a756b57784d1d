// Whether what somebody waits for has come about.
#include "supervisor/history/wait_outcome.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

namespace podrun::supervisor {
namespace {

constexpr std::string_view succeeded = "Succeeded", failed = "Failed";

bool has_ended(const PodView& pod) {
  return pod.phase == succeeded || pod.phase == failed || !pod.reason.empty() || pod.phase == "Unknown";
}

/// "has failed (StartError)"
std::string end_of(const PodView& pod) {
  if (pod.reason == "Stopped") return "was stopped";
  if (pod.phase == succeeded) return "has succeeded";
  return pod.reason.empty() ? "has failed" : fmt::format("has failed ({})", pod.reason);
}

WaitOutcome readiness_of(const PodView& pod) {
  using enum WaitOutcome::State;
  if (has_ended(pod)) return {Never, "the pod " + end_of(pod)};
  if (is_ready(pod)) return {Met, ""};
  if (pod.deletion) return {Never, "the pod is being stopped"};
  for (const ContainerView& container : pod.containers)
    if (const auto* end = std::get_if<TerminatedView>(&container.state);
        end != nullptr && container.role == pod::ContainerRole::App)
      return {Never, fmt::format("{} has ended for good (exit code {})", container.name, end->exit_code)};
  return {NotYet, ""};
}

}  // namespace

bool is_ready(const PodView& pod) {
  if (const ConditionView* ready = pod.condition("Ready")) return ready->holds;
  return !pod.containers.empty() && std::ranges::all_of(pod.containers, [](const ContainerView& each) {
           return each.role == pod::ContainerRole::Init || each.ready;
         });
}

WaitOutcome outcome_of(const PodView& pod, Awaited awaited) {
  using enum WaitOutcome::State;
  if (awaited == Awaited::Ready) return readiness_of(pod);
  if (!has_ended(pod)) return {NotYet, ""};
  const bool is_good = pod.phase == succeeded || pod.reason == "Stopped";
  return is_good ? WaitOutcome{Met, ""} : WaitOutcome{Never, "the pod " + end_of(pod)};
}

}  // namespace podrun::supervisor
