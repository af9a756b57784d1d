// One pod on one screen.
#include "supervisor/show/status_text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "supervisor/core/text_table.hpp"
#include "supervisor/history/end_causes.hpp"
#include "supervisor/history/why.hpp"
#include "supervisor/show/pod_table.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

using pod::ContainerRole;

std::string ago(const std::optional<WallTime>& time, WallTime now) {
  return time ? fmt::format("{} ago", kubectl_age(now - *time)) : "";
}

/// The conditions in the order in which they come to hold, and what is said when they do and when they do not.
struct ConditionWords {
  std::string_view type;
  std::string_view holds;
  std::string_view holds_not;
};
constexpr std::array<ConditionWords, 4> condition_words{{
    {"PodReadyToStartContainers", "sandbox made", "sandbox not made"},
    {"Initialized", "initialized", "not initialized"},
    {"ContainersReady", "containers ready", "containers not ready"},
    {"Ready", "ready", "not ready"},
}};

/// "initialized for 3m, not ready for 12s (containers with unready status: [app])"
std::string conditions(const PodView& pod, WallTime now) {
  std::string text;
  for (const ConditionWords& words : condition_words) {
    const ConditionView* const condition = pod.condition(words.type);
    if (condition == nullptr) continue;
    // Ready repeats what ContainersReady says.
    const bool is_said = words.type == "ContainersReady" && pod.condition("Ready") != nullptr &&
                         pod.condition("Ready")->holds == condition->holds;
    if (is_said) continue;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", condition->holds ? words.holds : words.holds_not);
    if (condition->changed) text += " for " + kubectl_age(now - *condition->changed);
    if (!condition->holds && !condition->message.empty()) text += fmt::format(" ({})", condition->message);
    else if (!condition->holds && !condition->reason.empty()) text += fmt::format(" ({})", condition->reason);
  }
  return text;
}

std::string state_words(const ContainerView& container, WallTime now) {
  if (const auto* running = std::get_if<RunningView>(&container.state))
    return running->started ? fmt::format("Running for {}", kubectl_age(now - *running->started)) : "Running";
  if (const auto* waiting = std::get_if<WaitingView>(&container.state)) return waiting->reason;
  const auto& end = std::get<TerminatedView>(container.state);
  return end.finished ? fmt::format("{} {}", end.reason, ago(end.finished, now)) : end.reason;
}

/// How the last instance ended: the one before the present one, or the only one of a container that has ended.
std::string last_end(const PodView& pod, const ContainerView& container, const std::vector<LoggedEvent>& events,
                     WallTime now) {
  const auto words = [&](const TerminatedView& end, int instance, bool with_time) {
    const std::string cause = end_and_cause(pod, container, end, instance, events);
    return with_time && end.finished ? fmt::format("{}: {}", ago(end.finished, now), cause) : cause;
  };
  if (const auto* end = std::get_if<TerminatedView>(&container.state))
    return words(*end, container.restart_count, false);
  if (!container.last_state) return "-";
  return words(*container.last_state, container.restart_count - (container.next_try ? 0 : 1), true);
}

std::string next_try(const ContainerView& container, WallTime now) {
  if (!container.next_try) return "-";
  const auto left = *container.next_try - now;
  return left > left.zero() ? "in " + human_duration(left) : "now";
}

std::string_view role_word(ContainerRole role) {
  switch (role) {
    case ContainerRole::Init: return "init";
    case ContainerRole::Sidecar: return "sidecar";
    case ContainerRole::App: return "app";
  }
  return "";
}

std::string ready_word(const ContainerView& container) {
  if (container.role == ContainerRole::Init) return container.ready ? "done" : "-";
  return container.ready ? "yes" : "no";
}

std::string container_table(const PodView& pod, const std::vector<LoggedEvent>& events, WallTime now) {
  std::vector<std::vector<std::string>> rows{
      {"CONTAINER", "KIND", "STATE", "READY", "RESTARTS", "NEXT TRY", "LAST END"}};
  for (const ContainerView& container : pod.containers)
    rows.push_back({container.name, std::string(role_word(container.role)), state_words(container, now),
                    ready_word(container), fmt::format("{}", container.restart_count), next_try(container, now),
                    last_end(pod, container, events, now)});
  return aligned(rows);
}

}  // namespace

std::string status_text(const PodView& pod, const std::vector<LoggedEvent>& events, WallTime now) {
  const std::string word = status_word(pod);
  std::string text = fmt::format("pod {}: {}{}", pod::pod_name(pod.namespace_name + "_" + pod.name), pod.phase,
                                 word == pod.phase ? "" : fmt::format(" ({})", word));
  if (pod.created) {
    const std::string time = rfc3339(*pod.created);
    text += fmt::format(", started {} ({} {} UTC)", ago(pod.created, now), time.substr(0, 10), time.substr(11, 8));
  }
  text += "\n";
  if (const std::string words = conditions(pod, now); !words.empty()) text += words + "\n";
  text += why(pod, events, "", now) + "\n";
  for (const NetworkRecord& network : pod.networks) text += network_sentence(network) + "\n";
  return pod.containers.empty() ? text : fmt::format("{}\n{}", text, container_table(pod, events, now));
}

}  // namespace podrun::supervisor
