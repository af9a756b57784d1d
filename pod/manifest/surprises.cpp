// Warns of probes and hooks that cannot do what they are for. `podrun check` and every start print the warnings.
#include "pod/manifest/surprises.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "pod/manifest/list_places.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::Node;

/// Times are in seconds after the start of the container, if nothing takes longer than it must.
std::int64_t first_verdict(const Probe& probe, std::int64_t threshold) {
  return probe.initial_delay + (threshold - 1) * probe.period;
}

class LifecycleWarnings {
 public:
  LifecycleWarnings(const PodSpec& spec, const Container& container, const Node* node, DiagnosticCollector& report)
      : spec_(spec), container_(container), node_(node), report_(report) {}

  /// A probe that is tried only once before it ends the container, when its program has hardly begun.
  void check_first_attempt() {
    const auto& [startup, liveness, readiness] = container_.probes;
    if (startup && first_verdict(*startup, startup->failure_threshold) == 0) tell_first_attempt("startupProbe");
    if (liveness && !startup && first_verdict(*liveness, liveness->failure_threshold) == 0)
      tell_first_attempt("livenessProbe");
  }

  /// Who delays the readinessProbe says that the container is not ready before; the livenessProbe does not wait so long.
  void check_impatience() {
    const auto& [startup, liveness, readiness] = container_.probes;
    if (!liveness || !readiness || startup) return;
    const std::int64_t kill = first_verdict(*liveness, liveness->failure_threshold);
    if (kill == 0 || kill >= readiness->initial_delay) return;
    warn({"livenessProbe"},
         fmt::format("the livenessProbe can end the container {} s after its start, before the readinessProbe is tried "
                     "first, after {} s",
                     kill, readiness->initial_delay),
         "a startupProbe holds both back until the container has started");
  }

  void check_readiness() {
    const auto& [startup, liveness, readiness] = container_.probes;
    if (!readiness) return;
    std::int64_t ready = first_verdict(*readiness, readiness->success_threshold);
    if (startup)
      ready = std::max(ready, startup->initial_delay + (readiness->success_threshold - 1) * readiness->period);
    if (spec_.active_deadline_seconds && ready >= *spec_.active_deadline_seconds)
      warn({"readinessProbe"},
           fmt::format("the pod is never ready: the readinessProbe can succeed {} s after the start of the container, "
                       "and activeDeadlineSeconds ends the pod after {} s",
                       ready, *spec_.active_deadline_seconds));
    if (readiness->timeout > grace() && grace() > 0)
      warn({"readinessProbe", "timeoutSeconds"},
           fmt::format("timeoutSeconds ({}) exceeds the grace period ({} s): a container that does not answer in its "
                       "stop stays ready until it is killed",
                       readiness->timeout, grace()));
  }

  void check_pre_stop() {
    if (!container_.hooks.pre_stop) return;
    if (grace() == 0)
      warn({"lifecycle", "preStop"}, "preStop is not run: terminationGracePeriodSeconds is 0");
    const auto* sleep = std::get_if<SleepAction>(&*container_.hooks.pre_stop);
    if (sleep == nullptr || sleep->seconds == 0) return;
    if (sleep->seconds == grace())
      warn({"lifecycle", "preStop", "sleep", "seconds"},
           "preStop sleeps for the whole grace period: the container has 2 s between its stop signal and SIGKILL");
    check_grace("startupProbe", container_.probes.startup, *sleep);
    check_grace("livenessProbe", container_.probes.liveness, *sleep);
  }

  void check_stop_signal() {
    constexpr int sigstop = 19, sigkill = 9;
    if (container_.stop_signal == sigstop)
      warn({"lifecycle", "stopSignal"},
           fmt::format("SIGSTOP ends nothing: the container stands still until it is killed, after {} s", grace()));
    if (container_.stop_signal == sigkill)
      warn({"lifecycle", "stopSignal"}, "SIGKILL leaves the container no time to end");
  }

  void check_tcp_hooks() {
    const auto is_tcp = [](const std::optional<HookAction>& hook) {
      return hook && std::holds_alternative<TcpSocketAction>(*hook);
    };
    if (is_tcp(container_.hooks.post_start))
      warn({"lifecycle", "postStart", "tcpSocket"},
           "a hook's tcpSocket always fails, as on Kubernetes: the container is ended at each start");
    if (is_tcp(container_.hooks.pre_stop))
      warn({"lifecycle", "preStop", "tcpSocket"}, "a hook's tcpSocket always fails, as on Kubernetes");
  }

 private:
  std::int64_t grace() const { return spec_.termination_grace_period_seconds; }

  void check_grace(std::string_view field, const std::optional<Probe>& probe, const SleepAction& sleep) {
    if (!probe || !probe->grace || *probe->grace > sleep.seconds) return;
    warn({field, "terminationGracePeriodSeconds"},
         fmt::format("the grace period of the {} ({} s) is over before preStop has slept {} s", field, *probe->grace,
                     sleep.seconds));
  }

  void tell_first_attempt(std::string_view probe) {
    warn({probe},
         fmt::format("the {} is tried at once after the start, and its first failure ends the container", probe),
         "failureThreshold or initialDelaySeconds gives it time");
  }

  /// Warns at a field of the container, or at the last one on the way that is there.
  void warn(std::initializer_list<std::string_view> way, std::string message, std::string hint = "") {
    const Node* place = node_;
    for (const std::string_view field : way)
      if (const Node* next = yaml::find(place, {field})) place = next;
    if (place != nullptr)
      report_.warn(place->at, fmt::format("container {}: {}", in_quotes(container_.name), message), std::move(hint));
  }

  const PodSpec& spec_;
  const Container& container_;
  const Node* node_;
  DiagnosticCollector& report_;
};

}  // namespace

void warn_of_lifecycle(const Pod& pod, const Node& node, DiagnosticCollector& report) {
  const Node* spec = node.find("spec");
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i) {
    LifecycleWarnings warnings(pod.spec, pod.spec.containers[i], container_node(spec, pod.spec, i), report);
    warnings.check_first_attempt();
    warnings.check_impatience();
    warnings.check_readiness();
    warnings.check_pre_stop();
    warnings.check_tcp_hooks();
    warnings.check_stop_signal();
  }
}

}  // namespace podrun::pod
