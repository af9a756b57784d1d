// Makes the packet filter of one network of a pod.
#include "pod/network/pod_table.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "pod/network/addresses.hpp"
#include "pod/network/helper_identity.hpp"

namespace podrun::pod {
namespace {

using namespace nft;
using Rules = std::vector<Rule>;

constexpr std::int32_t before_ports = -101, before_routing = -100, after_routing = 100, filter_priority = 0;
constexpr std::uint8_t tcp = 6, udp = 17;
constexpr std::uint16_t port_of_dns = 53;

IpPrefix prefix(std::string_view text) { return *parse_prefix(text); }

bool is_of(const PublishedPort& port, IpFamily family) { return !port.host_ip || port.host_ip->family == family; }

const std::optional<IpAddress>& of(const Addresses& addresses, IpFamily family) {
  return family == IpFamily::V4 ? addresses.ipv4 : addresses.ipv6;
}

constexpr std::array both_families{IpFamily::V4, IpFamily::V6};

InInterface in(std::string_view name) { return {.name = std::string(name)}; }
OutInterface out(std::string_view name) { return {.name = std::string(name)}; }
OutInterface out_elsewhere(std::string_view name) { return {.name = std::string(name), .is_not = true}; }

// ---- what the pod sends ----

/// Nothing but what has the pod's address enters the host, nothing that is for loopback, whatever route_localnet says,
/// and no multicast or limited broadcast: nobody else is on the link. Router advertisements, redirects and DHCP need addresses
/// of these kinds. What stays is neighbour discovery, which is unicast or to a solicited node.
///
/// Of other protocols nothing enters. The kernel takes a second VLAN tag off after this hook, and what is below was not
/// looked at. Requests of ARP, whose answers nobody needs here, would fill the table that all namespaces have in common.
Rules ingress_rules(const Addresses& addresses) {
  Rules rules;
  if (addresses.ipv4) {
    rules.push_back({{Source{only(*addresses.ipv4), true}}, Drop{}});
    rules.push_back({{Destination{prefix("127.0.0.0/8")}}, Drop{}});
    rules.push_back({{Destination{prefix("224.0.0.0/3")}}, Drop{}});
    rules.push_back({{Family{IpFamily::V4}}, Accept{}});
  }
  if (addresses.ipv6) {
    rules.push_back({{Source{only(*addresses.ipv6), true}}, Drop{}});
    rules.push_back({{Destination{prefix("::1/128")}}, Drop{}});
    rules.push_back({{Destination{prefix("ff00::/8")}, Destination{prefix("ff02::1:ff00:0/104"), true}}, Drop{}});
    rules.push_back({{Family{IpFamily::V6}}, Accept{}});
  }
  rules.push_back({{}, Drop{}});
  return rules;
}

// ---- ports of the host ----

/// Whether rules lead a port to the pod. One of a loopback address is served by podrun-forwarder.
bool is_translated(const PublishedPort& port) { return !port.host_ip || !is_loopback(*port.host_ip); }

/// The addresses of the host that a port is published at.
Destination addresses_of(const PublishedPort& port, IpFamily family) {
  if (port.host_ip && !is_unspecified(*port.host_ip)) return {.prefix = only(*port.host_ip)};
  return {.prefix = prefix(family == IpFamily::V4 ? "127.0.0.0/8" : "::1/128"), .is_not = true};
}

Rules port_rules(const NetworkPlan& network) {
  Rules rules;
  for (const PublishedPort& port : network.ports)
    for (const IpFamily family : both_families)
      if (const auto& address = of(network.addresses, family); address && is_of(port, family) && is_translated(port))
        rules.push_back({{Protocol{port.protocol}, DestinationPort{port.host_port}, addresses_of(port, family),
                          LocalDestination{}},
                         Translate{*address, port.container_port}});
  return rules;
}

bool has_port(const NetworkPlan& network, IpFamily family) {
  return std::ranges::any_of(network.ports,
                             [&](const auto& port) { return is_of(port, family) && is_translated(port); });
}

/// What leaves for other hosts, and what comes back to the pod from its own port of the host, has an address of the
/// host: else the answer would not come back through it. Other pods and clients keep their addresses.
Rules masquerade_rules(const NetworkPlan& network, const NetworkFacts& facts) {
  Rules rules;
  for (const IpFamily family : both_families) {
    const auto& address = of(network.addresses, family);
    if (!address) continue;
    if (family == IpFamily::V4 ? facts.masquerade_ipv4 : facts.masquerade_ipv6)
      rules.push_back({{Source{only(*address)}, out_elsewhere(every_interface)}, Masquerade{}});
    if (has_port(network, family))
      rules.push_back({{Source{only(*address)}, out(network.interface)}, Masquerade{}});
  }
  return rules;
}

// ---- which connections are let through ----

/// Connections to the pod's own address come from the host and from other pods alone. What was sent to a port of the
/// host, and answers, have other addresses here. The rules come before those of the ports.
Rules guard_rules(const NetworkPlan& network) {
  Rules rules;
  for (const IpFamily family : both_families)
    if (const auto& address = of(network.addresses, family))
      rules.push_back({{Destination{only(*address)}, InInterface{.name = std::string(every_interface), .is_not = true}},
                       Drop{}});
  return rules;
}

/// Connections that enter by interfaces between which only podrun makes the host forward. They may lead to pods.
Rules closed_rules(const NetworkFacts& facts) {
  Rules rules;
  const auto is_in = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  const auto add = [&](const std::string& name, std::optional<IpFamily> only_family) {
    Rule rule{{in(name)}, Drop{}};
    if (only_family) rule.matches.emplace_back(Family{*only_family});
    rule.matches.emplace_back(out_elsewhere(every_interface));
    rule.matches.emplace_back(Translated{.is_not = true});
    rules.push_back(std::move(rule));
  };
  for (const std::string& name : facts.closed_ipv4)
    add(name, is_in(facts.closed_ipv6, name) ? std::nullopt : std::optional(IpFamily::V4));
  for (const std::string& name : facts.closed_ipv6)
    if (!is_in(facts.closed_ipv4, name)) add(name, IpFamily::V6);
  return rules;
}

// ---- what a helper sends ----

/// The only connections that a resolver makes: to the host's resolvers.
Rules resolver_rules(std::uint32_t number, const std::vector<std::string>& upstreams) {
  const std::uint32_t uid = resolver_uid(number);
  Rules rules{{{SocketUser{.uid = uid, .is_not = true}}, Accept{}}};
  for (const std::string& text : upstreams) {
    const auto upstream = parse_ip(std::string_view(text).substr(0, text.find('%')));  // fe80::1%eth0
    if (!upstream) continue;
    for (const std::uint8_t protocol : {udp, tcp})
      rules.push_back({{Destination{only(*upstream)}, Protocol{protocol}, DestinationPort{port_of_dns}}, Accept{}});
  }
  rules.push_back({{SocketUser{uid}}, Drop{}});
  return rules;
}

Table one_chain(std::string table, Chain chain) { return {.name = std::move(table), .chains = {std::move(chain)}}; }

}  // namespace

nft::Table pod_table(const NetworkPlan& network, const NetworkFacts& facts) {
  Table table{.name = network.interface, .chains = {}};
  const auto add = [&](const char* name, ChainType type, Hook hook, std::int32_t priority, Rules rules) {
    if (!rules.empty())
      table.chains.push_back(
          {.name = name, .type = type, .hook = hook, .priority = priority, .rules = std::move(rules)});
  };
  const auto both = [](Rules first, Rules then) {
    std::ranges::move(then, std::back_inserter(first));
    return first;
  };
  add("ingress", ChainType::Filter, Hook::Ingress, filter_priority, ingress_rules(network.addresses));
  table.chains.back().device = network.interface;
  add("prerouting", ChainType::Nat, Hook::Prerouting, before_routing, both(guard_rules(network), port_rules(network)));
  add("output", ChainType::Nat, Hook::Output, before_routing, port_rules(network));
  add("postrouting", ChainType::Nat, Hook::Postrouting, after_routing,
      both(masquerade_rules(network, facts), closed_rules(facts)));
  return table;
}

nft::Table resolver_table(const NetworkPlan& network, const std::vector<std::string>& upstreams) {
  return one_chain(network.interface + "-resolver", {.name = "output",
                                                     .type = ChainType::Nat,
                                                     .hook = Hook::Output,
                                                     .priority = before_ports,
                                                     .rules = resolver_rules(network.number, upstreams)});
}

nft::Table forwarder_table(const NetworkPlan& network) {
  return one_chain(network.interface + "-forwarder",
                   {.name = "output",
                    .type = ChainType::Nat,
                    .hook = Hook::Output,
                    .priority = before_ports,
                    .rules = {{{out_elsewhere(every_interface), SocketUser{forwarder_uid}}, Drop{}}}});
}

}  // namespace podrun::pod
