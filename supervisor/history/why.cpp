// The chain of causes.
#include "supervisor/history/why.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "pod/text/joined.hpp"
#include "supervisor/history/end_causes.hpp"
#include "supervisor/history/wait_outcome.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

using pod::ContainerRole;

/// What is known.
struct Known {
  const PodView& pod;
  const std::vector<LoggedEvent>& events;
  WallTime now;
};

std::string since(const Known& known, const std::optional<WallTime>& time) {
  return time ? fmt::format(" for {}", rounded_duration(known.now - *time)) : "";
}

/// "restarted 4 times"
std::string restarts(const ContainerView& container) {
  if (container.restart_count == 1) return "restarted once";
  return fmt::format("restarted {} times", container.restart_count);
}

bool has_ended(const ContainerView& container) { return std::holds_alternative<TerminatedView>(container.state); }
bool runs(const ContainerView& container) { return std::holds_alternative<RunningView>(container.state); }

/// The last end of a container: its state's, or that of the instance before. And the number of that instance.
struct LastEnd {
  const TerminatedView* end = nullptr;
  int instance = 0;
};
LastEnd last_end(const ContainerView& container) {
  if (const auto* end = std::get_if<TerminatedView>(&container.state)) return {end, container.restart_count};
  if (!container.last_state) return {};
  const bool is_present = container.next_try.has_value();  // in back-off the next instance has no number yet
  return {&*container.last_state, container.restart_count - (is_present ? 0 : 1)};
}

/// "last exit 137: killed by its liveness probe after 3 failures (HTTP 503)"
std::string last_exit(const Known& known, const ContainerView& container) {
  const auto [end, instance] = last_end(container);
  if (end == nullptr) return "";
  const std::string words = end_and_cause(known.pod, container, *end, instance, known.events);
  constexpr std::string_view plain = "exited with ";
  if (words.starts_with(plain)) return "last exit " + words.substr(plain.size());
  if (words.starts_with("it ")) return "last time " + words;
  return fmt::format("last exit {}: {}", end->exit_code, words);
}

/// "back-off 40s" of the message of Kubernetes.
std::string backoff_of(const ContainerView& container) {
  const auto* const waiting = std::get_if<WaitingView>(&container.state);
  constexpr std::string_view end = " restarting failed";
  const std::size_t at = waiting == nullptr ? std::string::npos : waiting->message.find(end);
  return at == std::string::npos ? "" : fmt::format(" ({})", waiting->message.substr(0, at));
}

std::string next_try(const Known& known, const ContainerView& container) {
  if (!container.next_try) return "";
  const auto left = *container.next_try - known.now;
  const std::string when = left > left.zero() ? "in " + human_duration(left) : "now";
  return fmt::format("; next try {}{}", when, backoff_of(container));
}

/// What a container that runs waits for, and what is known of that.
std::string awaited(const Known& known, const ContainerView& container) {
  std::string words = "waits for " + container.awaits;
  const bool is_readiness = container.awaits == "its readiness probe";
  const bool is_startup = container.awaits == "its startup probe";
  if (!is_readiness && !is_startup) return words;
  const std::string_view probe = is_readiness ? "Readiness" : "Startup";
  const std::string failure = last_failure(container, probe, container.restart_count, known.events);
  const std::string error = last_error(container, probe, container.restart_count, known.events);
  if (failure.empty() && !error.empty()) return fmt::format("{}, which cannot be tried: {}", words, error);
  return failure.empty() ? words + ", which has not succeeded yet" : fmt::format("{}, which fails: {}", words, failure);
}

/// The init container or sidecar that a container waits for at its first start; nullptr: none.
const ContainerView* in_the_way(const PodView& pod, const ContainerView& container) {
  for (const ContainerView& other : pod.containers) {
    if (&other == &container || other.role == ContainerRole::App) return nullptr;
    const auto* const end = std::get_if<TerminatedView>(&other.state);
    const bool is_done = other.role == ContainerRole::Init ? end != nullptr && end->exit_code == 0
                                                           : other.started || has_run(other);
    if (!is_done) return &other;
  }
  return nullptr;
}

std::string kind_of(const ContainerView& container) {
  return container.role == ContainerRole::Init      ? "init container "
         : container.role == ContainerRole::Sidecar ? "sidecar "
                                                    : "";
}

std::string story(const Known& known, const ContainerView& container);

/// A container that does not run and has not ended.
std::string story_of_waiting(const Known& known, const ContainerView& container) {
  const auto& waiting = std::get<WaitingView>(container.state);
  if (container.last_state) {
    const std::string times = container.restart_count > 0 ? restarts(container) : "does not run";
    return fmt::format("{} {}; {}{}", container.name, times, last_exit(known, container), next_try(known, container));
  }
  if (waiting.reason == "PostStartHookError")
    return fmt::format("{} is being ended: {}", container.name, waiting.message);
  if (const ContainerView* other = in_the_way(known.pod, container))
    return fmt::format("{} waits for {}{}: {}", container.name, kind_of(*other), other->name, story(known, *other));
  if (!container.awaits.empty()) return fmt::format("{} {}", container.name, awaited(known, container));
  return fmt::format("{} has not started yet{}", container.name,
                     waiting.message.empty() ? "" : ": " + waiting.message);
}

std::string story(const Known& known, const ContainerView& container) {
  const std::string& name = container.name;
  if (std::holds_alternative<WaitingView>(container.state)) return story_of_waiting(known, container);
  if (const auto* end = std::get_if<TerminatedView>(&container.state)) {
    const std::string times = container.restart_count > 0 ? restarts(container) + " and " : "";
    const std::string words = end_and_cause(known.pod, container, *end, container.restart_count, known.events);
    const std::string ago =
        end->finished ? fmt::format(" {} ago", rounded_duration(known.now - *end->finished)) : "";
    return fmt::format("{} {}ended{}: {}", name, times, ago, words);
  }
  const std::string last = container.restart_count > 0
                               ? fmt::format("; it {}; {}", restarts(container), last_exit(known, container))
                               : "";
  if (!is_of_pod(container.cause)) return fmt::format("{} is being ended: {}{}", name, container.cause, last);
  if (!container.awaits.empty()) return fmt::format("{} {}{}", name, awaited(known, container), last);
  const std::string state = container.role == ContainerRole::Init ? "has not ended yet, and runs"
                            : container.ready                     ? "is ready, and runs"
                                                                  : "runs";
  return fmt::format("{} {}{}{}", name, state, since(known, std::get<RunningView>(container.state).started), last);
}

/// What keeps a pod from being ready: the init container in the way of all, else the containers that are not ready.
std::string obstacles(const Known& known) {
  const auto& containers = known.pod.containers;
  const auto app = std::ranges::find(containers, ContainerRole::App, &ContainerView::role);
  if (app != containers.end() && !has_run(*app))
    if (const ContainerView* first = in_the_way(known.pod, *app)) return kind_of(*first) + story(known, *first);
  constexpr std::size_t most = 3;
  std::vector<std::string> stories;
  std::size_t others = 0;
  for (const ContainerView& container : containers) {
    if (container.role == ContainerRole::Init || container.ready) continue;
    if (stories.size() < most) stories.push_back(story(known, container));
    else ++others;
  }
  if (others > 0) stories.push_back(fmt::format("{} more are not ready", others));
  return pod::joined(stories, ". ");
}

/// The container whose end is the pod's failure.
const ContainerView* culprit(const PodView& pod) {
  const auto failed = [](const ContainerView& container) {
    const auto* const end = std::get_if<TerminatedView>(&container.state);
    return container.role != ContainerRole::Sidecar && end != nullptr && end->exit_code != 0 &&
           end->reason != "NeverStarted";
  };
  const auto found = std::ranges::find_if(pod.containers, failed);
  return found == pod.containers.end() ? nullptr : &*found;
}

std::string how_it_ended(const Known& known, const std::string& name) {
  const PodView& pod = known.pod;
  if (pod.reason == "StartError") return fmt::format("{} did not start: {}", name, pod.message);
  if (pod.reason == "Stopped") return name + " was stopped on request";
  if (pod.reason == "DeadlineExceeded")
    return name + " failed: it ran for as long as activeDeadlineSeconds allows, and was ended";
  if (pod.phase == "Succeeded") return fmt::format("{} succeeded: its containers exited with 0", name);
  const ContainerView* const failed = culprit(pod);
  return failed == nullptr ? name + " failed" : fmt::format("{} failed: {}", name, story(known, *failed));
}

std::string how_it_runs(const Known& known, const std::string& name) {
  const PodView& pod = known.pod;
  if (pod.deletion) {
    std::vector<std::string> left;
    for (const ContainerView& container : pod.containers)
      if (runs(container)) left.push_back(container.name);
    return fmt::format("{} is being stopped{}", name,
                       left.empty() ? "" : ": it waits for the end of " + pod::joined(left, ", "));
  }
  if (!is_ready(pod)) {
    const std::string why_not = obstacles(known);
    return fmt::format("{} is not ready{}{}", name, why_not.empty() ? "" : ": ", why_not);
  }
  std::size_t running = 0;
  std::string restarted;
  for (const ContainerView& container : pod.containers) {
    if (container.role == ContainerRole::Init) continue;
    if (runs(container)) ++running;
    if (container.restart_count > 0 && runs(container))
      restarted += fmt::format(". {} {}; {}", container.name, restarts(container), last_exit(known, container));
  }
  return fmt::format("{} is ready: {} {}{}", name, running, running == 1 ? "container runs" : "containers run",
                     restarted);
}

}  // namespace

std::string why(const PodView& pod, const std::vector<LoggedEvent>& events, std::string_view container, WallTime now) {
  const Known known{.pod = pod, .events = events, .now = now};
  const std::string name = pod::pod_name(pod.namespace_name + "_" + pod.name);
  const bool is_dead = pod.reason == "Dead";
  if (!container.empty()) {
    const auto found = std::ranges::find(pod.containers, container, &ContainerView::name);
    if (found == pod.containers.end()) return fmt::format("{} has no container {}", name, container);
    const bool is_lost = is_dead && !has_ended(*found);
    return is_lost ? fmt::format("{} was killed with the pause of its pod", container) : story(known, *found);
  }
  if (is_dead)
    return fmt::format(
        "{} was killed with its pause, so nobody saw how its containers ended; podrun rm {} removes what is left", name,
        name);
  if (pod.phase == "Unknown") return fmt::format("nothing is known of {}: its status cannot be read", name);
  const bool has_finished = pod.phase == "Succeeded" || pod.phase == "Failed" || !pod.reason.empty();
  return has_finished ? how_it_ended(known, name) : how_it_runs(known, name);
}

}  // namespace podrun::supervisor
