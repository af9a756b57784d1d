// Verifies the sandbox steps.
#include "pod/plan/verify_sandbox.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "pod/plan/step_predicates.hpp"
#include "pod/spec/namespaces.hpp"

namespace podrun::pod {

Result<> verify_sandbox(const PodPlan& plan) {
  const auto broken = [&](std::size_t i, std::string_view how) {
    return fail(fmt::format("{}: {} breaks law 10: {}", plan.name, place("sandbox ", plan.sandbox, i), how));
  };
  if (plan.sandbox.empty() || !std::holds_alternative<sandbox::Unshare>(plan.sandbox[0]))
    return broken(0, "the pause unshares before it changes anything");
  if (plan.sandbox.size() < 2 || !std::holds_alternative<sandbox::Root>(plan.sandbox[1]))
    return broken(1, "the pause leaves the host's root before it changes anything else");
  const auto& held = std::get<sandbox::Unshare>(plan.sandbox[0]).kinds;
  for (const auto& container : plan.containers) {
    for (const auto kind : kinds_of(container.namespaces, NamespaceOwner::Pod)) {
      if (is_held_by_pause(kind) && std::ranges::find(held, kind) == held.end())
        return broken(0, fmt::format("{} wants the pod's {} namespace, which the pause does not make", container.name,
                                     name_of(kind)));
    }
  }
  return {};
}

}  // namespace podrun::pod
