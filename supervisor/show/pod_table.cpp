// Shows pods as `kubectl get pods` does: printPod() and HumanDuration() of kubectl.
#include "supervisor/show/pod_table.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

using pod::ContainerRole;

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

/// The first init container that the app containers wait for; the end if one of these has been started.
auto initializing(const PodView& pod) {
  const bool is_initialized = std::ranges::any_of(
      pod.containers, [](const auto& each) { return each.role == ContainerRole::App && has_run(each); });
  return std::ranges::find_if(pod.containers, [&](const ContainerView& container) {
    if (is_initialized || container.role == ContainerRole::App) return false;
    const auto* const terminated = std::get_if<TerminatedView>(&container.state);
    if (terminated != nullptr) return terminated->exit_code != 0;
    return container.role == ContainerRole::Init || !std::holds_alternative<RunningView>(container.state);
  });
}

/// The restarts of init containers count until they have done their work.
std::string restarts(const PodView& pod, WallTime now) {
  const bool initialized = initializing(pod) == pod.containers.end();
  int count = 0;
  std::optional<WallTime> last;
  for (const ContainerView& container : pod.containers) {
    if (initialized && container.role == ContainerRole::Init) continue;
    count += container.restart_count;
    last = std::max(last, last_restart(container));
  }
  return last ? fmt::format("{} ({} ago)", count, kubectl_age(now - *last)) : fmt::format("{}", count);
}

std::string readiness(const PodView& pod) {
  std::size_t count = 0, ready = 0;
  for (const ContainerView& container : pod.containers) {
    if (container.role == ContainerRole::Init) continue;
    ++count;
    if (container.ready) ++ready;
  }
  return fmt::format("{}/{}", ready, count);
}

/// The reason why a container does not run; empty: it runs.
std::string reason(const ContainerView& container) {
  if (const auto* waiting = std::get_if<WaitingView>(&container.state)) return waiting->reason;
  if (const auto* terminated = std::get_if<TerminatedView>(&container.state)) return terminated->reason;
  return "";
}

/// "Init:1/2" and the like: which of the init containers the pod waits for, or what is wrong with it.
std::string initializing_word(const PodView& pod, std::size_t index) {
  const ContainerView& container = pod.containers[index];
  if (const auto* terminated = std::get_if<TerminatedView>(&container.state)) return "Init:" + terminated->reason;
  const auto* waiting = std::get_if<WaitingView>(&container.state);
  if (waiting != nullptr && !waiting->reason.empty() && waiting->reason != "PodInitializing")
    return "Init:" + waiting->reason;
  const auto inits = std::ranges::count_if(
      pod.containers, [](const ContainerView& each) { return each.role != ContainerRole::App; });
  return fmt::format("Init:{}/{}", index, inits);
}

/// The cells IP, PORTS and INTERFACE.
std::vector<std::string> network_cells(const PodView& pod) {
  std::vector<std::string> ports, interfaces;
  for (const NetworkRecord& network : pod.networks) {
    interfaces.push_back(network.interface);
    for (const pod::PublishedPort& port : network.ports) ports.push_back(text_of(port));
  }
  const auto cell = [](const std::vector<std::string>& words) {
    return words.empty() ? std::string("<none>") : pod::joined(words, ",");
  };
  return {cell(pod.pod_ips), cell(ports), cell(interfaces)};
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
  if (const auto first = initializing(pod); first != pod.containers.end())
    return initializing_word(pod, static_cast<std::size_t>(first - pod.containers.begin()));
  std::string word = pod.phase;
  bool one_runs = false;
  for (auto container = pod.containers.rbegin(); container != pod.containers.rend(); ++container) {
    if (container->role != ContainerRole::App) continue;
    if (std::string why = reason(*container); !why.empty()) word = std::move(why);
    one_runs |= container->ready;
  }
  return word == "Completed" && one_runs ? "NotReady" : word;
}

std::string pod_table(const std::vector<PodView>& pods, WallTime now, bool wide) {
  const bool with_namespace =
      std::ranges::any_of(pods, [](const PodView& pod) { return pod.namespace_name != "default"; });
  std::vector<std::vector<std::string>> rows = {{"NAME", "READY", "STATUS", "RESTARTS", "AGE"}};
  for (const PodView& pod : pods)
    rows.push_back({pod.name, readiness(pod), status_word(pod), restarts(pod, now), since(pod.created, now)});
  if (wide) {
    const auto add = [&](std::size_t row, std::vector<std::string> cells) {
      std::ranges::move(cells, std::back_inserter(rows[row]));
    };
    add(0, {"IP", "PORTS", "INTERFACE"});
    for (std::size_t index = 0; index < pods.size(); ++index) add(index + 1, network_cells(pods[index]));
  }
  if (with_namespace) {
    rows[0].insert(rows[0].begin(), "NAMESPACE");
    for (std::size_t index = 0; index < pods.size(); ++index)
      rows[index + 1].insert(rows[index + 1].begin(), pods[index].namespace_name);
  }
  return aligned(rows);
}

}  // namespace podrun::supervisor
