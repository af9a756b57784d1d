// The manifest of a scenario.
#include "tests/system/lifecycle/scenarios/scenario_manifest.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace podrun::test {
namespace {

using supervisor::Scenario;
using supervisor::ScenarioContainer;

long seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

std::string_view word_for(pod::RestartPolicy policy) {
  switch (policy) {
    case pod::RestartPolicy::Always:
      return "Always";
    case pod::RestartPolicy::OnFailure:
      return "OnFailure";
    case pod::RestartPolicy::Never:
      return "Never";
  }
  return "";
}

std::string ask(const std::string& who, std::string_view what) {
  return fmt::format("exec: {{command: [podrun-probe, ask, {}, '{}']}}", who, what);
}

std::string restart_fields(const Scenario& scenario, const ScenarioContainer& container) {
  std::string text;
  if (container.role == pod::ContainerRole::Sidecar)
    text += "    restartPolicy: Always\n";
  else if (container.restart || !container.rules.empty())
    text += fmt::format("    restartPolicy: {}\n", word_for(container.restart.value_or(scenario.restart)));
  if (!container.rules.empty()) text += "    restartPolicyRules:\n";
  for (const pod::RestartRule& rule : container.rules)
    text +=
        fmt::format("    - {{action: {}, exitCodes: {{operator: {}, values: [{}]}}}}\n",
                    rule.action == pod::RestartRule::Action::Restart ? "Restart" : "RestartAllContainers",
                    rule.exit_codes == pod::RestartRule::Operator::In ? "In" : "NotIn", fmt::join(rule.values, ", "));
  return text;
}

/// A try of a probe lasts until the scenario says how it ends; each result is a verdict.
std::string probe_fields(const ScenarioContainer& container) {
  std::string text;
  for (const auto& [kind, word] : {std::pair{pod::ProbeKind::Startup, "startup"},
                                   {pod::ProbeKind::Liveness, "liveness"},
                                   {pod::ProbeKind::Readiness, "readiness"}}) {
    const auto& probe = container.probes[kind];
    if (!probe) continue;
    const std::string who = fmt::format("'{} of {}'", word, container.name);
    text += fmt::format("    {}Probe: {{{}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 1000{}}}\n", word,
                        ask(who, "tries"),
                        probe->grace ? fmt::format(", terminationGracePeriodSeconds: {}", seconds(*probe->grace)) : "");
  }
  return text;
}

std::string hook_fields(const ScenarioContainer& container) {
  std::string text;
  for (const auto& [kind, word] :
       {std::pair{pod::HookKind::PostStart, "postStart"}, {pod::HookKind::PreStop, "preStop"}}) {
    const auto& hook = container.hooks[kind];
    if (!hook) continue;
    const std::string who = fmt::format("'{} of {}'", word, container.name);
    text += fmt::format("      {}: {{{}}}\n", word,
                        hook->sleep ? fmt::format("sleep: {{seconds: {}}}", seconds(*hook->sleep)) : ask(who, "runs"));
  }
  return text.empty() ? "" : "    lifecycle:\n" + text;
}

std::string container_text(const Scenario& scenario, const ScenarioContainer& container, const std::string& image) {
  using std::chrono::milliseconds;
  const std::string after =
      container.ends_after ? std::to_string(std::chrono::duration_cast<milliseconds>(*container.ends_after).count())
                           : "never";
  return fmt::format(
             "  - name: '{0}'\n    image: 'rootfs:{1}'\n    command: [podrun-probe, act, '{0}', '{2}', '{3}']\n"
             "    volumeMounts: [{{name: s, mountPath: /s}}]\n",
             container.name, image, after, container.ends_with) +
         restart_fields(scenario, container) + probe_fields(container) + hook_fields(container);
}

}  // namespace

std::string manifest_of(const Scenario& scenario, const std::string& name, const std::string& image,
                        const std::string& folder) {
  std::string init, apps, composition;
  for (const ScenarioContainer& each : scenario.containers) {
    (each.role == pod::ContainerRole::App ? apps : init) += container_text(scenario, each, image);
    if (!each.joins.empty()) composition += fmt::format("{}: pid=container:{}", each.name, each.joins);
  }
  std::string text = fmt::format("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {}\n", name);
  if (!composition.empty()) text += fmt::format("  annotations: {{podrun.io/namespaces: '{}'}}\n", composition);
  text += fmt::format("spec:\n  restartPolicy: {}\n  terminationGracePeriodSeconds: {}\n", word_for(scenario.restart),
                      seconds(scenario.grace));
  if (scenario.deadline) text += fmt::format("  activeDeadlineSeconds: {}\n", seconds(*scenario.deadline));
  text += fmt::format("  volumes: [{{name: s, hostPath: {{path: {}}}}}]\n", folder);
  if (!init.empty()) text += "  initContainers:\n" + init;
  return text + "  containers:\n" + apps;
}

}  // namespace podrun::test
