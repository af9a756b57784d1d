// Shows pods as `kubectl get pods` does: printPod() and HumanDuration() of kubectl.
#include "supervisor/show/pod_table.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

/// Formats two units; the smaller one is left out if it is zero.
std::string two_units(long long large, char large_unit, long long small, char small_unit) {
  return small == 0 ? fmt::format("{}{}", large, large_unit)
                    : fmt::format("{}{}{}{}", large, large_unit, small, small_unit);
}

std::string since(const std::optional<WallTime>& time, WallTime now) {
  return time ? kubectl_age(now - *time) : "<unknown>";
}

/// The time of the last restart; empty: the container has not been restarted.
std::optional<WallTime> last_restart(const ContainerView& container) {
  if (container.restart_count == 0) return std::nullopt;
  if (container.last_state) return container.last_state->finished;
  const auto* terminated = std::get_if<TerminatedView>(&container.state);
  return terminated ? terminated->started : std::nullopt;
}

std::string restarts(const PodView& pod, WallTime now) {
  int count = 0;
  std::optional<WallTime> last;
  for (const ContainerView& container : pod.containers) {
    count += container.restart_count;
    last = std::max(last, last_restart(container));
  }
  return last ? fmt::format("{} ({} ago)", count, kubectl_age(now - *last)) : fmt::format("{}", count);
}

std::string ready(const PodView& pod) {
  const auto count = std::ranges::count_if(pod.containers, &ContainerView::ready);
  return fmt::format("{}/{}", count, pod.containers.size());
}

/// The reason why a container does not run; empty: it runs.
std::string reason(const ContainerView& container) {
  if (const auto* waiting = std::get_if<WaitingView>(&container.state)) return waiting->reason;
  if (const auto* terminated = std::get_if<TerminatedView>(&container.state)) return terminated->reason;
  return "";
}

}  // namespace

std::string kubectl_age(std::chrono::nanoseconds age) {
  using namespace std::chrono;
  const long long seconds = duration_cast<std::chrono::seconds>(age).count();
  const long long minutes = seconds / 60, hours = minutes / 60, days = hours / 24, years = days / 365;
  if (seconds < -1) return "<invalid>";  // more than the usual difference of clocks: the clock was set back
  if (seconds < 120) return fmt::format("{}s", std::max(seconds, 0LL));
  if (minutes < 10) return two_units(minutes, 'm', seconds % 60, 's');
  if (hours < 3) return fmt::format("{}m", minutes);
  if (hours < 8) return two_units(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return fmt::format("{}h", hours);
  if (days < 8) return two_units(days, 'd', hours % 24, 'h');
  if (years < 2) return fmt::format("{}d", days);
  if (years < 8) return two_units(years, 'y', days % 365, 'd');
  return fmt::format("{}y", years);
}

std::string status_word(const PodView& pod) {
  if (!pod.reason.empty()) return pod.reason;
  if (pod.deletion) return "Terminating";
  std::string word = pod.phase;
  for (auto container = pod.containers.rbegin(); container != pod.containers.rend(); ++container)
    if (std::string why = reason(*container); !why.empty()) word = std::move(why);
  const bool one_runs = std::ranges::any_of(pod.containers, &ContainerView::ready);
  return word == "Completed" && one_runs ? "NotReady" : word;
}

std::string pod_table(const std::vector<PodView>& pods, WallTime now) {
  const bool with_namespace =
      std::ranges::any_of(pods, [](const PodView& pod) { return pod.namespace_name != "default"; });
  std::vector<std::vector<std::string>> rows = {{"NAME", "READY", "STATUS", "RESTARTS", "AGE"}};
  for (const PodView& pod : pods)
    rows.push_back({pod.name, ready(pod), status_word(pod), restarts(pod, now), since(pod.created, now)});
  if (with_namespace) {
    rows[0].insert(rows[0].begin(), "NAMESPACE");
    for (std::size_t index = 0; index < pods.size(); ++index)
      rows[index + 1].insert(rows[index + 1].begin(), pods[index].namespace_name);
  }
  return aligned(rows);
}

}  // namespace podrun::supervisor
