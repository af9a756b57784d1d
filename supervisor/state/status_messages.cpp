// Messages about changes of a pod's status.
#include "supervisor/state/status_messages.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "pod/spec/signals.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::supervisor {
std::string message_suffix(std::string_view message) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t last = message.find_last_not_of(blanks);
  if (last == message.npos) return "";
  message = message.substr(0, last + 1);
  message.remove_prefix(message.find_last_of("\r\n") + 1);  // 0 without a newline: npos + 1 is 0
  message.remove_prefix(message.find_first_not_of(blanks));
  return ": " + pod::in_quotes(message);
}

std::string_view without_path(std::string_view message, const std::string& container) {
  const std::string name = "/" + container + ": ";
  const std::size_t at = message.find(name);
  return at < message.find(' ') ? message.substr(at + name.size()) : message;
}

namespace {

using pod::ContainerRole;

std::string end_of(const std::string& container, const Termination& end) {
  if (end.reason == "StartError") return fmt::format("did not start: {}", without_path(end.message, container));
  return end_in_words(end) + message_suffix(end.message);
}

/// "killed by its liveness probe (HTTP 503)" of "liveness probe failed: HTTP 503".
std::string killed_by(std::string_view cause) {
  constexpr std::string_view failed = " failed";
  const std::size_t at = cause.find(failed);
  std::string_view why = cause.substr(at + failed.size());
  if (why.starts_with(": ")) why.remove_prefix(2);
  const std::string_view what = cause.substr(0, at);
  const std::string words = what.ends_with("hook") ? fmt::format("killed because its {} failed", what)
                                                   : fmt::format("killed by its {}", what);
  return why.empty() ? words : fmt::format("{} ({})", words, why);
}

std::string describe_next_start(const ContainerStatus& after, BootTime now) {
  switch (after.state) {
    case ContainerState::Starting: return fmt::format("; restart {} now", after.restart_count);
    case ContainerState::Backoff: {
      const auto wait = after.timers[TimerName::Backoff].due.value_or(now) - now;
      if (wait <= wait.zero())
        return fmt::format("; restart {} when the containers that it waits for have started",
                           after.restart_count + 1);
      return fmt::format("; back-off, restart {} in {}", after.restart_count + 1,
                         human_duration(wait));
    }
    case ContainerState::Waiting:
    case ContainerState::Running:
    case ContainerState::Stopping:
    case ContainerState::Killing:
    case ContainerState::Completed:
    case ContainerState::Failed: return "";
  }
  return "";
}

/// Removes the names at the beginning of a step's message, which the line already contains.
std::string_view without_names(std::string_view message, const std::string& pod, const std::string& container) {
  for (const std::string& names : {fmt::format("{}/{}: ", pod, container), pod + ": "})
    if (message.starts_with(names)) return message.substr(names.size());
  return message;
}

bool runs(const ContainerStatus& container) {
  switch (container.state) {
    case ContainerState::Running:
    case ContainerState::Stopping:
    case ContainerState::Killing: return true;
    case ContainerState::Waiting:
    case ContainerState::Starting:
    case ContainerState::Backoff:
    case ContainerState::Completed:
    case ContainerState::Failed: return false;
  }
  return false;
}

/// " (exit 3)" of the last instance.
std::string describe_last_exit(const ContainerStatus& container) {
  if (!container.last) return "";
  return container.last->reason == "StartError" ? " (did not start)"
                                                : fmt::format(" (exit {})", container.last->exit_code);
}

/// "; app waits to be restarted (exit 1)" for each container that does not run. systemd accepts no message of more than
/// 4096 bytes.
std::string describe_not_running(const PodRecord& record) {
  constexpr std::size_t most_named = 8;
  std::string words;
  std::size_t found = 0;
  for (std::size_t index = 0; index < record.containers.size(); ++index) {
    if (record.containers[index].role == ContainerRole::Init) continue;
    std::string why = reason_not_running(record.status.containers[index]);
    if (const std::string awaited = awaited_by(record, index); why.empty() && !awaited.empty())
      why = "waits for " + awaited;
    if (!why.empty() && ++found <= most_named) words += fmt::format("; {} {}", record.containers[index].name, why);
  }
  if (found > most_named) words += fmt::format("; {} more do not run", found - most_named);
  return words;
}

/// The first init container or sidecar that those after it wait for at their first start; the number of containers if none
/// is waited for.
std::size_t first_awaited(const PodRecord& record) {
  const auto& containers = record.containers;
  for (std::size_t index = 0; index < containers.size(); ++index) {
    const ContainerStatus& status = record.status.containers[index];
    if (containers[index].role == ContainerRole::App && (status.ever_started || status.last)) return containers.size();
  }
  for (std::size_t index = 0; index < containers.size(); ++index) {
    const ContainerStatus& status = record.status.containers[index];
    const bool has_started = has_health(record.status) ? status.was_started : status.ever_started;
    if (containers[index].role == ContainerRole::Init && status.state != ContainerState::Completed) return index;
    if (containers[index].role == ContainerRole::Sidecar && !has_started) return index;
  }
  return containers.size();
}

}  // namespace

std::string end_in_words(const Termination& end) {
  if (end.reason == "StartError") return "did not start: " + end.message;
  if (end.reason == "OOMKilled") return fmt::format("killed because memory was short (exit code {})", end.exit_code);
  if (is_failure(end.cause)) return fmt::format("{}, exit code {}", killed_by(end.cause), end.exit_code);
  const std::string because = is_of_pod(end.cause) ? "" : fmt::format(", because {}", end.cause);
  if (end.exit_code > 128)
    return fmt::format("ended by signal {} (exit code {}){}", end.exit_code - 128, end.exit_code, because);
  return fmt::format("exited with {}{}", end.exit_code, because);
}

bool is_asked_to_end(const ContainerStatus& container) {
  return container.state == ContainerState::Stopping && container.pre_stop != HookStage::Running &&
         !container.awaits_turn;
}

bool is_failure(std::string_view cause) { return cause.contains(" failed"); }
bool is_of_pod(std::string_view cause) { return cause.empty() || cause.starts_with("the pod "); }

std::string reason_not_running(const ContainerStatus& container) {
  switch (container.state) {
    case ContainerState::Waiting: return "waits for its first start";
    case ContainerState::Starting:
      return container.last ? "is being restarted" + describe_last_exit(container) : "is being started";
    case ContainerState::Backoff: return "waits to be restarted" + describe_last_exit(container);
    case ContainerState::Completed: return "has succeeded";
    case ContainerState::Failed: return "has failed" + describe_last_exit(container);
    case ContainerState::Running:
    case ContainerState::Stopping:
    case ContainerState::Killing: return "";
  }
  return "";
}

std::string start_failures(const PodRecord& record) {
  std::string lines;
  const std::size_t awaited = first_awaited(record);
  for (std::size_t index = 0; index < record.containers.size(); ++index) {
    const std::string& name = record.containers[index].name;
    const ContainerStatus& container = record.status.containers[index];
    if (container.ever_started) {
      if (index == awaited && container.last)
        lines += fmt::format("{}pod {}: {}: {}; the containers after it wait", lines.empty() ? "" : "\n",
                             pod::pod_name(record.id), name, end_of(name, *container.last));
      else if (container.first_attempt_failed)
        lines += fmt::format("{}pod {}: {}: {}", lines.empty() ? "" : "\n", pod::pod_name(record.id), name,
                             container.last ? end_of(name, *container.last) : container.cause);
      continue;
    }
    const auto& end = container.pending_start_error ? container.pending_start_error : container.last;
    if (!end && !is_final(container.state) && record.containers[index].image_fault.empty())
      continue;  // it waits, or is being started
    if (!end && !record.containers[index].image_fault.empty()) {
      lines += fmt::format("{}pod {}: {}: {}: {}", lines.empty() ? "" : "\n", pod::pod_name(record.id), name,
                           record.containers[index].image_fault, record.containers[index].image_message);
      continue;
    }
    const std::string_view why =
        end ? without_names(end->message, record.name, name) : std::string_view("the pod was stopped before");
    lines +=
        fmt::format("{}pod {}: {}: did not start: {}", lines.empty() ? "" : "\n", pod::pod_name(record.id), name, why);
  }
  return lines;
}

bool is_initializing(const PodRecord& record) { return first_awaited(record) < record.containers.size(); }

std::string status_line(const PodRecord& record) {
  const PodStatus& status = record.status;
  const std::string others = describe_not_running(record);
  if (ended(status) && status.stopping) return "stopped";
  if (ended(status)) return phase(record) == Phase::Succeeded ? "succeeded" : "failed" + others;
  if (const std::size_t awaited = first_awaited(record); awaited < record.containers.size() && !status.stopping) {
    const std::string why = reason_not_running(status.containers[awaited]);
    const std::string its = awaited_by(record, awaited);
    return fmt::format("initializing: {} {}", record.containers[awaited].name,
                       !why.empty()   ? why
                       : its.empty() ? "runs"
                                     : "waits for " + its);
  }
  std::size_t count = 0, running = 0;
  for (std::size_t index = 0; index < record.containers.size(); ++index) {
    if (record.containers[index].role == ContainerRole::Init) continue;
    ++count;
    if (runs(status.containers[index])) ++running;
  }
  const std::string words =
      fmt::format("{} of {} {}", running, count, count == 1 ? "container runs" : "containers run");
  return status.stopping ? "stopping: " + words : words + others;
}

std::string silence_reason(const ContainerView& container) {
  const auto not_started = [&](const TerminatedView& end) {
    return fmt::format("it did not start: {}", without_path(end.message, container.name));
  };
  if (std::holds_alternative<RunningView>(container.state))
    return container.restart_count == 0
               ? "it runs, and has printed nothing yet"
               : "it runs, and has printed nothing since its last restart (logs -p shows what it printed before)";
  if (const auto* end = std::get_if<TerminatedView>(&container.state)) {
    if (end->reason == "StartError") return not_started(*end);
    if (!end->started) return fmt::format("it never started: {}", end->message);
    return fmt::format("it ended with exit code {}, and had printed nothing", end->exit_code);
  }
  if (!container.last_state) return "it has not started yet";
  if (container.last_state->reason == "StartError")
    return not_started(*container.last_state) + "; it will be tried again";
  return fmt::format("it ended with exit code {}, and had printed nothing; it will be restarted",
                     container.last_state->exit_code);
}

std::string human_duration(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  if (duration < 1s) return fmt::format("{}ms", ceil<milliseconds>(duration).count());
  const auto seconds_left = round<seconds>(duration).count();
  if (seconds_left < 60) return fmt::format("{}s", seconds_left);
  const auto rest = seconds_left % 60;
  return rest == 0 ? fmt::format("{}m", seconds_left / 60) : fmt::format("{}m{}s", seconds_left / 60, rest);
}

std::string rounded_duration(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  const auto seconds_passed = duration_cast<seconds>(duration).count();
  constexpr auto minute = 60, hour = 60 * minute, day = 24 * hour;
  if (seconds_passed < 2 * minute) return fmt::format("{}s", seconds_passed);
  if (seconds_passed < 2 * hour) return fmt::format("{}m", seconds_passed / minute);
  if (seconds_passed < 2 * day) return fmt::format("{}h", seconds_passed / hour);
  return fmt::format("{}d", seconds_passed / day);
}

std::string short_signal_name(int signal) {
  const std::string name = pod::signal_name(signal);
  return name.starts_with("SIG") ? name.substr(3) : name;
}

std::string describe_transition(const std::string& name, const ContainerStatus& before, const ContainerStatus& after,
                                BootTime now, int stop_signal) {
  if (after.last != before.last && after.last)
    return name + ": " + end_of(name, *after.last) + describe_next_start(after, now);
  if (is_asked_to_end(after) && !is_asked_to_end(before))
    return fmt::format("{}: asked to end ({})", name, short_signal_name(stop_signal));
  if (after.state == before.state) return "";
  if (after.state == ContainerState::Stopping && after.pre_stop == HookStage::Running)
    return name + ": its preStop hook runs";
  if (after.state == ContainerState::Stopping) return name + ": ends after the containers that it serves";
  if (after.state == ContainerState::Killing) return name + ": killed (KILL)";
  return "";
}

}  // namespace podrun::supervisor
