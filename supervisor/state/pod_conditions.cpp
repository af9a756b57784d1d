// The conditions of a pod: status/generate.go of the kubelet.
#include "supervisor/state/pod_conditions.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "pod/text/joined.hpp"

namespace podrun::supervisor {
namespace {

/// Why a condition does not hold, or holds for another reason than the usual one.
struct Why {
  std::string reason;
  std::string message;
};

std::vector<std::string> names_if(const PodView& view, const auto& predicate) {
  std::vector<std::string> names;
  for (const ContainerView& container : view.containers)
    if (predicate(container)) names.push_back(container.name);
  return names;
}

bool has_succeeded(const ContainerView& container) {
  const auto* const end = std::get_if<TerminatedView>(&container.state);
  return end != nullptr && end->exit_code == 0;
}

/// The init containers that have not done their work, and the sidecars that have not started.
Why not_initialized(const PodView& view) {
  const auto waits = names_if(view, [](const ContainerView& container) {
    if (container.role == pod::ContainerRole::Init) return !has_succeeded(container);
    return container.role == pod::ContainerRole::Sidecar && !container.started;
  });
  return {.reason = "ContainersNotInitialized",
          .message = fmt::format("containers with incomplete status: [{}]", pod::joined(waits, " "))};
}

/// Sidecars count, other init containers do not.
Why not_ready(const PodView& view) {
  if (view.phase == to_string(Phase::Succeeded)) return {.reason = "PodCompleted", .message = ""};
  if (view.phase == to_string(Phase::Failed)) return {.reason = "PodFailed", .message = ""};
  const auto unready = names_if(view, [](const ContainerView& container) {
    return container.role != pod::ContainerRole::Init && !container.ready;
  });
  return {.reason = "ContainersNotReady",
          .message = fmt::format("containers with unready status: [{}]", pod::joined(unready, " "))};
}

Why why(const PodView& view, ConditionType type, bool holds) {
  switch (type) {
    case ConditionType::Initialized:
      if (view.phase == to_string(Phase::Succeeded)) return {.reason = "PodCompleted", .message = ""};
      return holds ? Why{} : not_initialized(view);
    case ConditionType::ContainersReady:
    case ConditionType::Ready: return holds ? Why{} : not_ready(view);
    case ConditionType::PodReadyToStartContainers:
    case ConditionType::AllContainersRestarting: return {};
  }
  return {};
}

}  // namespace

void add_conditions(PodView& view, const Conditions& conditions,
                    const std::function<std::optional<WallTime>(BootTime)>& at) {
  for (std::size_t index = 0; index < conditions.size(); ++index) {
    const auto type = static_cast<ConditionType>(index);
    const Condition& condition = conditions[index];
    // A pod whose containers are never restarted together has no such condition.
    if (type == ConditionType::AllContainersRestarting && condition == Condition{}) continue;
    auto [reason, message] = why(view, type, condition.holds);
    const auto changed = at(condition.changed);
    view.conditions.push_back({.type = std::string(to_string(type)),
                               .holds = condition.holds,
                               .reason = std::move(reason),
                               .message = std::move(message),
                               .changed = changed ? changed : view.created});
  }
}

const ConditionView* PodView::condition(std::string_view type) const {
  const auto found = std::ranges::find(conditions, type, &ConditionView::type);
  return found == conditions.end() ? nullptr : &*found;
}

}  // namespace podrun::supervisor
