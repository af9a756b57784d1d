// Verifies the steps of a network.
#include "pod/network/verify_network.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "pod/network/addresses.hpp"

namespace podrun::pod {
namespace {

using Violation = std::optional<NetworkViolation>;

/// The steps that each network has, in their order; all others follow.
constexpr std::string_view beginning = "a link, its end in the namespace, its end on the host, its filter and the "
                                       "filter of all pods come first, each once";

template <typename Step>
const Step* step_at(const NetworkPlan& network, std::size_t index) {
  return index < network.steps.size() ? std::get_if<Step>(&network.steps[index]) : nullptr;
}

template <typename... Steps>
bool is_any(const NetworkStep& step) {
  return (std::holds_alternative<Steps>(step) || ...);
}

/// Whether the filter begins with a chain that lets in at the interface only what has the addresses.
bool guards(const nft::Table& table, const NetworkPlan& network) {
  if (table.chains.empty() || table.chains.front().hook != nft::Hook::Ingress ||
      table.chains.front().device != network.interface)
    return false;
  const auto drops_others = [&](const IpAddress& address) {
    return std::ranges::any_of(table.chains.front().rules, [&](const nft::Rule& rule) {
      const auto* source = rule.matches.size() == 1 ? std::get_if<nft::Source>(&rule.matches.front()) : nullptr;
      return source != nullptr && source->is_not && source->prefix == only(address) &&
             std::holds_alternative<nft::Drop>(rule.verdict);
    });
  };
  const auto addresses = network.addresses.list();
  return std::ranges::all_of(addresses, drops_others);
}

/// Whether a table has a chain that drops what it forwards to pods from elsewhere.
bool guards_forwarding(const nft::Table& table) {
  const auto drops = [](const nft::Rule& rule) {
    const auto* out = rule.matches.size() == 2 ? std::get_if<nft::OutInterface>(&rule.matches[0]) : nullptr;
    const auto* in = out == nullptr ? nullptr : std::get_if<nft::InInterface>(&rule.matches[1]);
    return in != nullptr && in->is_not && !out->is_not && in->name == every_interface && out->name == in->name &&
           std::holds_alternative<nft::Drop>(rule.verdict);
  };
  return std::ranges::any_of(table.chains, [&](const nft::Chain& chain) {
    return chain.hook == nft::Hook::Forward && std::ranges::any_of(chain.rules, drops);
  });
}

}  // namespace

std::optional<NetworkViolation> violation_of(const NetworkPlan& network) {
  const auto broken = [](std::size_t i, std::string_view how) { return Violation({i, std::string(how)}); };
  if (network.addresses.list().empty()) return broken(0, "a network has an address");
  const auto* link = step_at<network::Link>(network, 0);
  const auto* pod_end = step_at<network::PodEnd>(network, 1);
  const auto* host_end = step_at<network::HostEnd>(network, 2);
  const auto* filter = step_at<network::Filter>(network, 3);
  if (link == nullptr) return broken(0, beginning);
  if (pod_end == nullptr) return broken(1, beginning);
  if (host_end == nullptr) return broken(2, beginning);
  if (filter == nullptr) return broken(3, beginning);
  const auto* shared = step_at<network::SharedFilter>(network, 4);
  if (shared == nullptr) return broken(4, beginning);
  if (link->interface != network.interface) return broken(0, "the interface is that of the network");
  if (pod_end->addresses != network.addresses) return broken(1, "the addresses are those of the network");
  if (host_end->interface != network.interface || host_end->addresses != network.addresses ||
      host_end->gateways != pod_end->gateways)
    return broken(2, "both ends have the same interface, addresses and gateways");
  if (!guards(filter->table, network))
    return broken(3, "only what has an address of the network comes in by its interface");
  if (!guards_forwarding(shared->table))
    return broken(4, "what is forwarded to pods from elsewhere is dropped");
  for (std::size_t i = 5; i < network.steps.size(); ++i)
    if (is_any<network::Link, network::PodEnd, network::HostEnd, network::Filter, network::SharedFilter>(
            network.steps[i]))
      return broken(i, beginning);
  return std::nullopt;
}

}  // namespace podrun::pod
