// What the lifecycle has to know of a pod, from its plan.
#include "supervisor/engine/lifecycle_spec.hpp"

#include <algorithm>
#include <variant>

#include "pod/spec/namespaces.hpp"

namespace podrun::supervisor {
namespace {

/// As a duration that does not overflow when added to a time.
std::chrono::nanoseconds whole_seconds(std::int64_t seconds) {
  return std::min<std::chrono::seconds>(std::chrono::seconds(seconds),
                                        std::chrono::duration_cast<std::chrono::seconds>(longest_grace));
}

/// An init container ends before the next one begins, so the pod's Always counts as OnFailure.
pod::RestartPolicy restart_policy_of(const pod::ContainerPlan& container, pod::RestartPolicy of_pod) {
  const pod::RestartPolicy policy = container.restart_policy.value_or(of_pod);
  const bool must_end = container.role == pod::ContainerRole::Init && policy == pod::RestartPolicy::Always;
  return must_end ? pod::RestartPolicy::OnFailure : policy;
}

void add_probes(ContainerPolicy& policy, const pod::Probes& probes) {
  for (const pod::ProbeKind kind : {pod::ProbeKind::Startup, pod::ProbeKind::Liveness, pod::ProbeKind::Readiness}) {
    const std::optional<pod::Probe>& probe = probes[kind];
    if (!probe) continue;
    policy.probes[kind].emplace();
    if (probe->grace) policy.probes[kind]->grace = whole_seconds(*probe->grace);
  }
}

void add_hooks(ContainerPolicy& policy, const pod::Hooks& hooks) {
  for (const pod::HookKind kind : {pod::HookKind::PostStart, pod::HookKind::PreStop}) {
    const std::optional<pod::HookAction>& hook = hooks[kind];
    if (!hook) continue;
    policy.hooks[kind].emplace();
    if (const auto* sleep = std::get_if<pod::SleepAction>(&*hook))
      policy.hooks[kind]->sleep = whole_seconds(sleep->seconds);
  }
}

}  // namespace

LifecycleSpec lifecycle_of(const PodContext& pod) {
  const pod::PodPlan& plan = pod.plan;
  LifecycleSpec spec{.grace = std::chrono::seconds(plan.grace_seconds)};
  if (plan.active_deadline_seconds)
    spec.deadline = pod.record.started + std::chrono::seconds(*plan.active_deadline_seconds);
  for (const pod::ContainerPlan& container : plan.containers) {
    ContainerSpec its{.role = container.role,
                      .policy = {.restart = restart_policy_of(container, plan.restart_policy),
                                 .rules = container.restart_rules,
                                 .succeeds_once = container.role == pod::ContainerRole::Init,
                                 .backoff = {.initial = plan.backoff.initial,
                                             .max = plan.backoff.max,
                                             .reset = plan.backoff.reset},
                                 .grace = spec.grace},
                      .joins = {},
                      .image = container.awaits_image ? Image::Awaited : Image::Present};
    add_probes(its.policy, container.probes);
    add_hooks(its.policy, container.hooks);
    for (const pod::NamespaceKind kind : pod::kinds_of(container.namespaces, pod::NamespaceOwner::Container))
      its.joins.push_back({.container = pod::source_of(container.namespaces, kind).container,
                           .alive = pod::needs_living_owner(kind)});
    spec.containers.push_back(std::move(its));
  }
  return spec;
}

}  // namespace podrun::supervisor
