// Verifies that a container's process does not inherit limits and oom_score_adj from podrun.
#include "pod/plan/verify_rlimits.hpp"

#include <bitset>
#include <optional>

#include <fmt/format.h>

#include "pod/plan/step_predicates.hpp"

namespace podrun::pod {
namespace {

/// A violation of the invariant: the position of the step and an explanation. `how` is empty if there is none.
struct Violation {
  std::size_t step = 0;
  std::string_view how;
};

bool are_all(const std::vector<ResourceLimit>& limits) {
  std::bitset<resource_kinds> seen;
  for (const ResourceLimit& limit : limits) seen.set(static_cast<std::size_t>(limit.resource));
  return seen.all() && limits.size() == resource_kinds;
}

Violation find_violation(const std::vector<ChildStep>& steps) {
  bool entered = false, changed_root = false, bound = false, score = false, limits = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto is = [&]<typename Step>(Step) { return std::holds_alternative<Step>(steps[i]); };
    if (is(step::ResetOomScore{})) {
      if (entered || changed_root) return {i, "the score is written while /proc is the host's"};
      score = true;
    }
    if (const auto* set = std::get_if<step::ResourceLimits>(&steps[i])) {
      if (limits) return {i, "its limits are set already"};
      if (!are_all(set->limits)) return {i, "every resource has a limit, once"};
      if (!changed_root) return {i, "what is mounted is not to be bound by the container's limits"};
      if (bound) return {i, "the limits come before the capabilities that raise them go"};
      limits = true;
    }
    entered |= is(step::EnterNamespaces{}) || is(step::OwnMounts{});
    changed_root |= is(step::Chroot{}) || is(step::PivotRoot{});
    bound |= is(step::BoundCapabilities{});
  }
  if (!score) return {steps.size(), "its oom_score_adj is the supervisor's"};
  if (!limits) return {steps.size(), "its limits are the caller's"};
  return {};
}

}  // namespace

Result<> verify_limits(const PodPlan& plan) {
  for (const ContainerPlan& container : plan.containers)
    if (const Violation violation = find_violation(container.child);
        !violation.how.empty() && !has_no_steps_yet(container))
      return fail(fmt::format("{}/{}: {} breaks law 13: {}", plan.name, container.name,
                              place("", container.child, violation.step), violation.how));
  return {};
}

}  // namespace podrun::pod
