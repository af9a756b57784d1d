// Verifies the sandbox and its networks.
#include "pod/plan/verify_sandbox.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "pod/network/verify_network.hpp"
#include "pod/plan/step_predicates.hpp"
#include "pod/spec/namespaces.hpp"

namespace podrun::pod {
namespace {

/// Whether the network is that of a namespace which the pause holds: the pod's, or a container's own.
bool has_namespace(const NetworkPlan& network, const PodPlan& plan) {
  const auto makes_net = [&](const HostStep& step) {
    const auto* made = std::get_if<host::MakeNamespace>(&step);
    return made != nullptr && made->kind == NamespaceKind::Net && made->container == network.container && made->held;
  };
  if (network.container.empty()) {
    const auto& held = std::get<sandbox::Unshare>(plan.sandbox.at(0)).kinds;
    return std::ranges::find(held, NamespaceKind::Net) != held.end();
  }
  return std::ranges::any_of(plan.containers, [&](const ContainerPlan& container) {
    return container.name == network.container &&
           (has_no_steps_yet(container) || std::ranges::any_of(container.host, makes_net));
  });
}

}  // namespace

Result<> verify_networks(const PodPlan& plan) {
  for (auto network = plan.networks.begin(); network != plan.networks.end(); ++network) {
    const auto broken = [&](std::size_t i, std::string_view how) {
      return fail(fmt::format("{}: {} breaks law 14: {}", plan.name,
                              place(network->container.empty() ? "network " : network->container + "'s network ",
                                    network->steps, i),
                              how));
    };
    if (const auto violation = violation_of(*network)) return broken(violation->step, violation->how);
    if (!plan.containers.empty() && !has_namespace(*network, plan))
      return broken(0, "the network's namespace is made and held");
    const auto is_same = [&](const NetworkPlan& other) {
      return other.number == network->number || other.container == network->container;
    };
    if (std::any_of(plan.networks.begin(), network, is_same))
      return broken(0, "each network has its own number and namespace");
  }
  return {};
}

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
