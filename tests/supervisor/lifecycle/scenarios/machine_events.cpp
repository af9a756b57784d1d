// The words in which scenarios say what a pod does.
#include "tests/supervisor/lifecycle/scenarios/machine_events.hpp"

#include <fmt/format.h>

#include "pod/text/overloaded.hpp"

namespace podrun::supervisor {
namespace {

std::string_view word_for(pod::ProbeKind kind) {
  return kind == pod::ProbeKind::Startup ? "startup" : kind == pod::ProbeKind::Liveness ? "liveness" : "readiness";
}

/// "web ends 137 OOMKilled (…)": the reason if it does not follow from the code, and the cause if causes are watched.
std::string end_words(const Scenario& scenario, const std::string& name, const Termination& end) {
  std::string words = fmt::format("{} ends {}", name, end.exit_code);
  if (end.reason != (end.exit_code == 0 ? "Completed" : "Error")) words += " " + end.reason;
  if (scenario.watched.contains("causes") && !end.cause.empty()) words += " (" + end.cause + ")";
  return words;
}

/// A sleep is a timer; one that a new supervisor arms again has begun before.
std::string sleep_words(const std::string& name, const ContainerStatus& before, const ContainerStatus& after) {
  const auto begins = [](HookStage was, HookStage is) { return was == HookStage::None && is == HookStage::Running; };
  if (begins(before.post_start, after.post_start) || before.instance != after.instance)
    return fmt::format("postStart of {} runs", name);
  return begins(before.pre_stop, after.pre_stop) ? fmt::format("preStop of {} runs", name) : "";
}

}  // namespace

LifecycleSpec spec_of(const Scenario& scenario, BootTime start) {
  LifecycleSpec spec{.grace = scenario.grace};
  if (scenario.deadline) spec.deadline = start + *scenario.deadline;
  for (const ScenarioContainer& each : scenario.containers) {
    pod::RestartPolicy restart = each.restart.value_or(scenario.restart);
    if (each.role == pod::ContainerRole::Sidecar) restart = pod::RestartPolicy::Always;
    else if (each.role == pod::ContainerRole::Init && restart == pod::RestartPolicy::Always)
      restart = pod::RestartPolicy::OnFailure;
    ContainerSpec container{.role = each.role,
                            .policy = {.restart = restart,
                                       .rules = each.rules,
                                       .succeeds_once = each.role == pod::ContainerRole::Init,
                                       .probes = each.probes,
                                       .hooks = each.hooks,
                                       .grace = scenario.grace}};
    if (each.awaits_image) container.image = Image::Awaited;
    if (!each.joins.empty()) container.joins = {{.container = scenario.index_of(each.joins), .alive = true}};
    spec.containers.push_back(std::move(container));
  }
  return spec;
}

std::vector<std::string> words_before_actions(const Scenario& scenario, const PodStatus& before,
                                              const PodStatus& after) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < after.containers.size(); ++i) {
    const ContainerStatus& was = before.containers[i];
    const ContainerStatus& is = after.containers[i];
    const std::string& name = scenario.containers[i].name;
    const bool has_ended = is_alive(was.state) && (!is_alive(is.state) || is.instance > was.instance) && !is.never_ran;
    if (is.last && (is.last != was.last || has_ended)) words.push_back(end_words(scenario, name, *is.last));
    if (scenario.watched.contains("started") && is.is_started && !was.is_started)
      words.push_back(name + " is started");
    if (scenario.watched.contains("ready") && is.ready != was.ready)
      words.push_back(name + (is.ready ? " is ready" : " is not ready"));
  }
  return words;
}

std::vector<std::string> words_after_actions(const Scenario& scenario, const LifecycleSpec& spec,
                                             const PodStatus& before, const PodStatus& after) {
  std::vector<std::string> words;
  const auto roles = roles_of(spec);
  if (scenario.watched.contains("phase") && phase(before, roles) != phase(after, roles))
    words.push_back("the phase is " + std::string(to_string(phase(after, roles))));
  if (!scenario.watched.contains("conditions")) return words;
  for (std::size_t type = 0; type < condition_types; ++type)
    if (after.conditions[type].holds != before.conditions[type].holds)
      words.push_back(fmt::format("{} is {}", to_string(static_cast<ConditionType>(type)),
                                  after.conditions[type].holds ? "True" : "False"));
  return words;
}

std::string words_for(const Scenario& scenario, const PodAction& action, const PodStatus& before,
                      const PodStatus& after) {
  const std::string name = action.container == whole_pod ? "" : scenario.containers[action.container].name;
  const bool probes = scenario.watched.contains("probes"), told = scenario.watched.contains("told");
  return std::visit(
      pod::Overloaded{
          [&](const action::Launch& launch) {
            const std::string count = launch.instance == 0 ? "" : fmt::format(", restart {}", launch.instance);
            return name + " starts" + count;
          },
          [&](const action::Terminate&) { return name + " gets TERM"; },
          [&](const action::Kill&) { return name + " is killed"; },
          [&](const action::Record&) { return std::string(); },
          [&](const action::RunHook& hook) {
            return fmt::format("{} of {} runs", hook.kind == pod::HookKind::PostStart ? "postStart" : "preStop", name);
          },
          [&](const action::StartProbe& probe) {
            return probes ? fmt::format("the {} probe of {} begins", word_for(probe.kind), name) : "";
          },
          [&](const action::StopProbe& probe) {
            return probes ? fmt::format("the {} probe of {} ends", word_for(probe.kind), name) : "";
          },
          [&](const action::Reap&) { return std::string(); },
          [&](const action::Arm& arm) {
            if (arm.name != TimerName::Hook) return std::string();
            return sleep_words(name, before.containers[action.container], after.containers[action.container]);
          },
          [&](const action::Started&) { return std::string(told ? "the pod has started" : ""); },
          [&](const action::Ready&) { return std::string(told ? "the pod is ready" : ""); },
          [&](const action::Abort& abort) { return "the start is given up: " + abort.message; },
          [&](const action::Finish& finish) { return fmt::format("the pod ends with {}", finish.succeeded ? 0 : 1); }},
      action.action);
}

}  // namespace podrun::supervisor
