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

constexpr std::int32_t before_ports = -101, before_routing = -100, last_of_output = -98, after_routing = 100,
                       filter_priority = 0;
constexpr std::uint8_t tcp = 6, udp = 17, sctp = 132;
constexpr std::uint16_t port_of_dns = 53;

IpPrefix prefix(std::string_view text) { return *parse_prefix(text); }

const std::optional<IpAddress>& of(const Addresses& addresses, IpFamily family) {
  return family == IpFamily::V4 ? addresses.ipv4 : addresses.ipv6;
}

constexpr std::array both_families{IpFamily::V4, IpFamily::V6};

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

/// The addresses of the host that a port is published at.
Destination addresses_of(const PublishedPort& port, IpFamily family) {
  if (port.host_ip && !is_unspecified(*port.host_ip)) return {.prefix = only(*port.host_ip)};
  return {.prefix = prefix(family == IpFamily::V4 ? "127.0.0.0/8" : "::1/128"), .is_not = true};
}

/// The rules of the ports, or of those of one protocol. The port is the first match: most connections are to others.
Rules port_rules(const NetworkPlan& network, std::optional<std::uint8_t> protocol = std::nullopt) {
  Rules rules;
  for (const PublishedPort& port : network.ports)
    for (const IpFamily family : both_families)
      if (const auto& address = of(network.addresses, family);
          address && is_translated(port, family) && port.protocol == protocol.value_or(port.protocol))
        rules.push_back({{DestinationPort{port.host_port}, Protocol{port.protocol}, addresses_of(port, family),
                          LocalDestination{}},
                         Translate{*address, port.container_port}});
  return rules;
}

/// What comes back to the pod from its own port of the host.
Rules hairpin_rules(const NetworkPlan& network) {
  Rules rules;
  for (const IpFamily family : both_families)
    if (const auto& address = of(network.addresses, family);
        address && std::ranges::any_of(network.ports, [&](const auto& port) { return is_translated(port, family); }))
      rules.push_back({{Source{only(*address)}, OutInterface{network.interface}}, Masquerade{}});
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

void add(Table& table, Chain chain) {
  if (!chain.rules.empty()) table.chains.push_back(std::move(chain));
}

Chain nat_chain(const char* name, Hook hook, std::int32_t priority, Rules rules) {
  return {.name = name, .type = ChainType::Nat, .hook = hook, .priority = priority, .rules = std::move(rules)};
}

Table one_chain(std::string table, Chain chain) { return {.name = std::move(table), .chains = {std::move(chain)}}; }

}  // namespace

bool is_translated(const PublishedPort& port, IpFamily family) {
  return !port.host_ip || (port.host_ip->family == family && !is_loopback(*port.host_ip));
}

nft::Table pod_table(const NetworkPlan& network) {
  Table table{.name = network.interface, .chains = {}};
  add(table, {.name = "ingress", .type = ChainType::Filter, .hook = Hook::Ingress, .priority = filter_priority,
              .device = network.interface, .rules = ingress_rules(network.addresses)});
  // The rules of all pods find a pod by the socket of its port, and the kernel finds none of SCTP.
  add(table, nat_chain("prerouting", Hook::Prerouting, before_routing, port_rules(network, sctp)));
  // What a program of the host sends has that program's socket.
  add(table, nat_chain("output", Hook::Output, last_of_output, port_rules(network)));
  return table;
}

nft::Table table_without_sockets(const NetworkPlan& network) {
  Table table = pod_table(network);
  std::erase_if(table.chains, [](const Chain& chain) { return chain.hook == Hook::Prerouting; });
  add(table, nat_chain("prerouting", Hook::Prerouting, before_routing, port_rules(network)));
  add(table, nat_chain("postrouting", Hook::Postrouting, after_routing, hairpin_rules(network)));
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
