// Waits for the end of a pod that has been asked to stop, and says for whom.
#include "supervisor/state/stop_wait.hpp"

#include <poll.h>

#include <cerrno>
#include <chrono>

#include <fmt/format.h>

#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::chrono::milliseconds first_report{1'000}, next_report{10'000};

/// "TERM sent 12s ago, KILL in 18s", or what TERM waits for: "its preStop hook runs, TERM in at most 18s".
/// After a preStop hook, and of a sidecar, it is not known when it was sent.
std::string asked_words(const ContainerStatus& container, const ContainerRecord& its, BootTime now,
                        std::optional<BootTime> asked) {
  const std::string signal = short_signal_name(its.stop_signal);
  const bool runs_hook = container.pre_stop == HookStage::Running;
  if (!container.signalled && (runs_hook || container.awaits_turn)) {
    std::string words = runs_hook ? "its preStop hook runs" : "ends after the containers that it serves";
    if (const auto due = container.timers[TimerName::Grace].due; due && *due > now)
      words += fmt::format(", {} in at most {}", signal, human_duration(*due - now));
    return words;
  }
  std::string words = signal + " sent";
  const bool had_to_wait = container.pre_stop != HookStage::None || its.role == pod::ContainerRole::Sidecar;
  if (asked && !had_to_wait) words += fmt::format(" {} ago", human_duration(now - *asked));
  if (const auto due = container.timers[TimerName::Grace].due; due && *due > now)
    words += fmt::format(", KILL in {}", human_duration(*due - now));
  return words;
}

/// What a container does that is not gone yet; "" if it is.
std::string stopping_words(const ContainerStatus& container, const ContainerRecord& its, BootTime now,
                           std::optional<BootTime> asked) {
  switch (container.state) {
    case ContainerState::Starting:
      return "is being started, and is stopped then";
    case ContainerState::Running:
      return "not asked to end yet";
    case ContainerState::Stopping:
      return asked_words(container, its, now, asked);
    case ContainerState::Killing:
      return "killed, and not gone yet";
    case ContainerState::Waiting:
    case ContainerState::Backoff:
    case ContainerState::Completed:
    case ContainerState::Failed:
      return "";
  }
  return "";
}

}  // namespace

std::string stop_progress(const PodRecord& record, BootTime now, std::optional<BootTime> asked) {
  std::string words;
  for (std::size_t index = 0; index < record.containers.size(); ++index) {
    const ContainerRecord& container = record.containers[index];
    const std::string state = stopping_words(record.status.containers[index], container, now, asked);
    if (state.empty()) continue;
    words += fmt::format("{}{} ({})", words.empty() ? "" : ", ", container.name, state);
  }
  return "waiting for " + (words.empty() ? "the removal of what the pod has left" : words);
}

Result<> wait_for_end(const Layout& layout, const std::string& id, const Fd& pause, std::optional<BootTime> asked,
                      const std::function<void(const std::string&)>& report) {
  auto wait = first_report;
  pollfd dead{.fd = pause.get(), .events = POLLIN, .revents = 0};
  while (pause) {
    const int heard = ::poll(&dead, 1, static_cast<int>(wait.count()));
    if (heard > 0 || (heard < 0 && errno != EINTR)) break;
    if (heard < 0) continue;
    wait = next_report;
    if (const auto record = read_state(layout, id)) report(stop_progress(*record, boot_now(), asked));
  }
  // The lock is released shortly before the process is gone.
  return wait_until_unlocked(layout, id);
}

}  // namespace podrun::supervisor
