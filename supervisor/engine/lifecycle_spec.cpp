// What the lifecycle has to know of a pod, from its plan.
#include "supervisor/engine/lifecycle_spec.hpp"

#include "pod/spec/namespaces.hpp"

namespace podrun::supervisor {
namespace {

/// An init container ends before the next one begins, so the pod's Always counts as OnFailure.
pod::RestartPolicy restart_policy_of(const pod::ContainerPlan& container, pod::RestartPolicy of_pod) {
  const pod::RestartPolicy policy = container.restart_policy.value_or(of_pod);
  const bool must_end = container.role == pod::ContainerRole::Init && policy == pod::RestartPolicy::Always;
  return must_end ? pod::RestartPolicy::OnFailure : policy;
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
                                 .backoff = {.initial = plan.backoff.initial,
                                             .max = plan.backoff.max,
                                             .reset = plan.backoff.reset}}};
    for (const pod::NamespaceKind kind : pod::kinds_of(container.namespaces, pod::NamespaceOwner::Container))
      its.joins.push_back({.container = pod::source_of(container.namespaces, kind).container,
                           .alive = pod::needs_living_owner(kind)});
    spec.containers.push_back(std::move(its));
  }
  return spec;
}

}  // namespace podrun::supervisor
