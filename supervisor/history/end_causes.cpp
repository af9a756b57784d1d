// How an instance ended.
#include "supervisor/history/end_causes.hpp"

#include <string.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

using pod::json::Value;

/// What the manifest says of a container, or nullptr.
const Value* given_container(const PodView& pod, std::string_view name) {
  for (const char* list : {"initContainers", "containers"}) {
    const Value* const containers = pod.given.spec.find(list);
    if (containers == nullptr) continue;
    for (const Value& container : containers->items())
      if (const Value* its = container.find("name"); its != nullptr && its->string() && *its->string() == name)
        return &container;
  }
  return nullptr;
}

/// How many failures in a row are the probe's verdict.
std::uint64_t failure_threshold(const PodView& pod, const ContainerView& container, std::string_view probe) {
  constexpr std::uint64_t by_default = 3;
  const Value* const its = given_container(pod, container.name);
  const Value* const spec = its == nullptr ? nullptr : its->find(probe);
  const Value* const threshold = spec == nullptr ? nullptr : spec->find("failureThreshold");
  if (threshold == nullptr) return by_default;
  if (const auto* number = threshold->unsigned_number()) return *number;
  const auto* const number = threshold->signed_number();
  return number == nullptr ? by_default : static_cast<std::uint64_t>(std::max(*number, std::int64_t{1}));
}

/// Why podrun ended an instance; "" if it did not, or nobody knows.
std::string cause_of(const ContainerView& container, const TerminatedView& end, int instance,
                     const std::vector<LoggedEvent>& events) {
  if (!end.cause.empty()) return end.cause;
  for (const LoggedEvent& event : events | std::views::reverse) {
    if (event.container != container.name || event.instance != instance || event.reason != "Killing") continue;
    const std::string words = fmt::format("container {}: ", container.name);
    const std::size_t at = event.message.find(words);
    if (at != std::string::npos && event.message.starts_with("Stopping"))
      return event.message.substr(at + words.size());
  }
  return "";
}

struct CauseKind {
  std::string_view beginning;  ///< of a cause
  std::string_view probe;      ///< its field, if it is a probe's
  std::string_view words;
};
constexpr std::array<CauseKind, 3> cause_kinds{{
    {"liveness probe failed", "livenessProbe", "killed by its liveness probe"},
    {"startup probe failed", "startupProbe", "killed by its startup probe"},
    {"postStart hook failed", "", "killed because its postStart hook failed"},
}};

std::string cause_in_words(const PodView& pod, const ContainerView& container, const std::string& cause) {
  for (const CauseKind& kind : cause_kinds) {
    if (!cause.starts_with(kind.beginning)) continue;
    std::string words(kind.words);
    if (!kind.probe.empty()) {
      const auto failures = failure_threshold(pod, container, kind.probe);
      words += failures == 1 ? " after 1 failure" : fmt::format(" after {} failures", failures);
    }
    std::string_view why = std::string_view(cause).substr(kind.beginning.size());
    if (why.starts_with(": ")) why.remove_prefix(2);
    return why.empty() ? words : fmt::format("{} ({})", words, why);
  }
  return "";
}

/// ": "the last line of its message"".
std::string last_words(const TerminatedView& end, const std::string& cause) {
  return end.message == cause ? "" : message_suffix(end.message);
}

}  // namespace

std::string end_and_cause(const PodView& pod, const ContainerView& container, const TerminatedView& end, int instance,
                          const std::vector<LoggedEvent>& events) {
  if (end.reason == "StartError") return fmt::format("it did not start: {}", without_path(end.message, container.name));
  if (end.reason == "NeverStarted") return "it was stopped before its first start";
  if (end.reason == "ContainerStatusUnknown") return "it was killed with the pod's pause";
  if (end.reason == "OOMKilled") return "killed because memory was short" + last_words(end, "");
  const std::string cause = cause_of(container, end, instance, events);
  if (is_failure(cause)) return cause_in_words(pod, container, cause) + last_words(end, cause);
  const std::string because = (is_of_pod(cause) ? "" : ", because " + cause) + last_words(end, cause);
  if (const int number = end.exit_code - 128; number > 0 && ::sigabbrev_np(number) != nullptr)
    return fmt::format("ended by signal {} ({}){}", number, ::sigabbrev_np(number), because);
  return fmt::format("exited with {}{}", end.exit_code, because);
}

namespace {

/// The rest of the last message about a probe of an instance that begins with these words; "" if there is none.
std::string last_unhealthy(const ContainerView& container, const std::string& words, int instance,
                           const std::vector<LoggedEvent>& events) {
  for (const LoggedEvent& event : events | std::views::reverse)
    if (event.container == container.name && event.instance == instance && event.reason == "Unhealthy" &&
        event.message.starts_with(words))
      return event.message.substr(words.size());
  return "";
}

}  // namespace

std::string last_failure(const ContainerView& container, std::string_view probe, int instance,
                         const std::vector<LoggedEvent>& events) {
  return last_unhealthy(container, fmt::format("{} probe failed: ", probe), instance, events);
}

std::string last_error(const ContainerView& container, std::string_view probe, int instance,
                       const std::vector<LoggedEvent>& events) {
  return last_unhealthy(container, fmt::format("{} probe errored: ", probe), instance, events);
}

}  // namespace podrun::supervisor
