// Makes the packet filter that the pods of a host have in common.
#include "pod/network/shared_table.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "pod/network/addresses.hpp"
#include "pod/network/pod_table.hpp"

namespace podrun::pod {
namespace {

using namespace nft;
using Rules = std::vector<Rule>;

constexpr std::int32_t before_routing = -100, before_ports_of_pods = -99, after_routing = 100, filter_priority = 0;
constexpr std::uint8_t tcp = 6, udp = 17;
constexpr std::array both_families{IpFamily::V4, IpFamily::V6};

std::string ports_of(IpFamily family) { return family == IpFamily::V4 ? "ports4" : "ports6"; }
std::string ends_of(IpFamily family) { return family == IpFamily::V4 ? "ends4" : "ends6"; }

const std::optional<IpPrefix>& subnet_of(const NetworkFacts& facts, IpFamily family) {
  return family == IpFamily::V4 ? facts.ipv4 : facts.ipv6;
}

InInterface from_pods() { return {.name = std::string(every_interface)}; }
InInterface from_elsewhere() { return {.name = std::string(every_interface), .is_not = true}; }
OutInterface to_pods() { return {.name = std::string(every_interface)}; }
OutInterface to_elsewhere() { return {.name = std::string(every_interface), .is_not = true}; }

/// A port of the host is found by the socket that is bound to it, which the pod's pause holds. So the rules lead nowhere
/// once that is closed, whatever the sets have.
Rules port_rules(const NetworkFacts& facts) {
  Rules rules;
  for (const IpFamily family : both_families) {
    if (!subnet_of(facts, family)) continue;
    const Destination not_loopback{.prefix = *parse_prefix(family == IpFamily::V4 ? "127.0.0.0/8" : "::1/128"),
                                   .is_not = true};
    for (const std::uint8_t protocol : {tcp, udp})
      rules.push_back({{Protocol{protocol}, not_loopback, LocalDestination{}},
                       TranslateByMark{.family = family, .map = ports_of(family)}});
  }
  return rules;
}

/// What the host sends to a pod's own address need not walk the chains of all pods that publish ports. The gateway's is
/// one of the host, at which ports are published.
Rules output_rules(const NetworkFacts& facts) {
  Rules rules;
  for (const IpAddress& gateway : gateways_of(facts).list()) {
    const IpPrefix& subnet = *subnet_of(facts, gateway.family);
    rules.push_back({{Destination{subnet}, Destination{only(gateway), true}}, StayIn{subnet}});
  }
  return rules;
}

/// Packets that belong to a connection, or were sent to a port of a host, pass. Others come to pods from the host and
/// from pods alone, and nothing that belongs to no connection comes from them. What else enters by interfaces between
/// which only podrun makes the host forward is dropped.
Rules forward_rules(const NetworkFacts& facts) {
  Rules rules{{{ConnectionState{.is_established = true, .is_related = true}}, Accept{}},
              {{Translated{}}, Accept{}},
              {{from_pods(), ConnectionState{.is_invalid = true}}, Drop{}},
              {{to_pods(), from_elsewhere()}, Drop{}}};
  const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  const auto close = [&](const std::string& name, std::optional<IpFamily> only_family) {
    Rule rule{{InInterface{.name = name}}, Drop{}};
    if (only_family) rule.matches.emplace_back(Family{*only_family});
    rule.matches.emplace_back(to_elsewhere());
    rules.push_back(std::move(rule));
  };
  for (const std::string& name : facts.closed_ipv4)
    close(name, is_in(facts.closed_ipv6, name) ? std::nullopt : std::optional(IpFamily::V4));
  for (const std::string& name : facts.closed_ipv6)
    if (!is_in(facts.closed_ipv4, name)) close(name, IpFamily::V6);
  return rules;
}

/// What leaves for other hosts, and what comes back to a pod from its own port of the host, has an address of the host:
/// else the answer would not come back through it. Other pods and clients keep their addresses.
Rules masquerade_rules(const NetworkFacts& facts) {
  Rules rules;
  for (const IpFamily family : both_families) {
    const auto& subnet = subnet_of(facts, family);
    if (!subnet) continue;
    if (family == IpFamily::V4 ? facts.masquerade_ipv4 : facts.masquerade_ipv6)
      rules.push_back({{from_pods(), to_elsewhere(), Source{*subnet}}, Masquerade{}});
    rules.push_back({{from_pods(), EndsInSet{.family = family, .set = ends_of(family)}}, Masquerade{}});
  }
  return rules;
}

Chain chain(const char* name, ChainType type, Hook hook, std::int32_t priority, Rules rules) {
  return {.name = name, .type = type, .hook = hook, .priority = priority, .rules = std::move(rules)};
}

}  // namespace

nft::Table shared_table(const NetworkFacts& facts) {
  Table table{.name = "podrun",
              .chains = {chain("prerouting", ChainType::Nat, Hook::Prerouting, before_routing, port_rules(facts)),
                         chain("output", ChainType::Nat, Hook::Output, before_ports_of_pods, output_rules(facts)),
                         chain("forward", ChainType::Filter, Hook::Forward, filter_priority, forward_rules(facts)),
                         chain("postrouting", ChainType::Nat, Hook::Postrouting, after_routing,
                               masquerade_rules(facts))}};
  for (const IpFamily family : both_families)
    if (subnet_of(facts, family)) {
      table.sets.push_back({.name = ports_of(family), .kind = SetKind::PortsByMark, .family = family});
      table.sets.push_back({.name = ends_of(family), .kind = SetKind::Ends, .family = family});
    }
  table.name += fmt::format("-{:08x}", static_cast<std::uint32_t>(stable_hash(text_of(table))));
  return table;
}

std::vector<nft::Element> shared_elements(const NetworkPlan& network) {
  std::vector<Element> elements;
  for (const IpFamily family : both_families) {
    const auto& address = family == IpFamily::V4 ? network.addresses.ipv4 : network.addresses.ipv6;
    if (!address) continue;
    const std::size_t before = elements.size();
    for (std::size_t i = 0; i < network.ports.size(); ++i)
      if (is_translated(network.ports[i], family))
        elements.push_back({ports_of(family), PortOfMark{.mark = port_mark(network.number, i),
                                                         .address = *address,
                                                         .port = network.ports[i].container_port}});
    if (elements.size() > before) elements.push_back({ends_of(family), SameEnds{*address}});
  }
  return elements;
}

}  // namespace podrun::pod
