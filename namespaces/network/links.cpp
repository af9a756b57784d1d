// The veth(4) pair of a pod, its addresses and routes: one end on the host, one in the pod's network namespace.
//
// Neither end has a link-local address, so IPv6 could not find the other end: each is told the other's Ethernet address.
// That also keeps a pod from answering for another's address, and holds on hosts that answer ARP sparingly (arp_ignore).
#include <sys/socket.h>

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "namespaces/network/link_state.hpp"
#include "namespaces/netlink/netlink_socket.hpp"
#include "namespaces/network/network_namespace.hpp"
#include "namespaces/network/network_steps.hpp"
#include "namespaces/netlink/route_messages.hpp"

namespace podrun::ns {
namespace {

using pod::Addresses;
using pod::IpAddress;
using pod::IpFamily;

constexpr auto pod_interface = "eth0";
constexpr std::chrono::seconds longest_wait{10};
constexpr std::size_t longest_alias = 255;  // the kernel's IFALIASZ without the final NUL

/// The host's ends all have the same: nobody is on the link but one pod. As it is given and not drawn by lot, udev
/// leaves it as it is.
constexpr MacAddress host_mac{0x02, 0x70, 0x6f, 0x64, 0x00, 0x01};

/// The pod's end: locally administered, and made of the last octets of its first address, which both steps know.
MacAddress pod_mac(const Addresses& addresses) {
  MacAddress mac{0x02, 0x70, 0x6f, 0x65, 0x00, 0x00};
  if (const auto all = addresses.list(); !all.empty()) std::ranges::copy(all.front().bytes().last(2), mac.end() - 2);
  return mac;
}

/// The alias as the kernel keeps it. The name of a pod may be longer than that.
std::string kept_alias(const pod::network::Link& step) { return step.alias.substr(0, longest_alias); }

/// Calls `use` with each address and the gateway of its family.
template <typename Use>
void for_each_family(const Addresses& addresses, const Addresses& gateways, Use use) {
  if (addresses.ipv4 && gateways.ipv4) use(*addresses.ipv4, *gateways.ipv4);
  if (addresses.ipv6 && gateways.ipv6) use(*addresses.ipv6, *gateways.ipv6);
}

/// The alias of an interface. Empty: there is no such interface, or it has none.
Result<std::optional<std::string>> alias_of(NetlinkSocket& socket, const std::string& interface) {
  std::optional<std::string> alias;
  const auto answered = socket.ask(question_about_interface(interface), [&](const NetlinkReply& reply) {
    if (const auto text = find_text(reply.attributes_after<ifinfomsg>(), IFLA_IFALIAS)) alias = std::string(*text);
  });
  if (!answered && answered.error().number != ENODEV) return std::unexpected(answered.error());
  return alias;
}

Result<> make_pair(NetlinkSocket& socket, const pod::network::Link& step, int network_namespace) {
  NetlinkBatch pair;
  add_veth_pair(pair, {.host_end = step.interface,
                       .pod_end = pod_interface,
                       .host_mac = host_mac,
                       .mtu = step.mtu,
                       .network_namespace = network_namespace});
  TRY_VOID(socket.send(pair));
  const Interface interface{TRY(socket.interface_index(step.interface)), step.interface};
  NetlinkBatch settings;
  set_up_host_interface(settings, interface, kept_alias(step));
  generate_no_address(settings, interface);
  bring_up(settings, interface);  // so the pod's end can send as soon as it is up
  if (auto set = socket.send(settings); !set) {
    NetlinkBatch undo;
    delete_interface(undo, interface);
    static_cast<void>(socket.send(undo));  // the first error is the one that tells
    return set;
  }
  return {};
}

Result<> delete_link(NetlinkSocket& socket, const std::string& name) {
  NetlinkBatch batch;
  delete_interface(batch, {TRY(socket.interface_index(name)), name});
  return socket.send(batch);
}

pod::IpPrefix everywhere(IpFamily family) { return {{.family = family}, 0}; }

/// Adds a route that no other interface may have. One by the same interface is of a former attempt.
Result<> claim_route(NetlinkSocket& socket, const Route& route) {
  NetlinkBatch addition, deletion;
  add_route(addition, route);
  auto added = socket.send(addition);
  if (added || added.error().number != EEXIST) return added;
  delete_route(deletion, route);
  if (!socket.send(deletion)) return added;
  return socket.send(addition);
}

Result<> claim_routes(NetlinkSocket& socket, const std::vector<Route>& routes) {
  for (const Route& route : routes) TRY_VOID(claim_route(socket, route));
  return {};
}

}  // namespace

Result<> make_link(const pod::network::Link& step, int network_namespace) {
  const Fd target = TRY(open_network_namespace(network_namespace));
  NetlinkSocket socket = TRY(NetlinkSocket::open(NETLINK_ROUTE));
  auto made = make_pair(socket, step, target.get());
  if (made || made.error().number != EEXIST) return made;
  const auto alias = TRY(alias_of(socket, step.interface));
  if (alias != kept_alias(step)) return made;
  TRY_VOID(delete_link(socket, step.interface));
  return make_pair(socket, step, target.get());
}

Result<> set_up_pod_end(const pod::network::PodEnd& step, int network_namespace) {
  NetlinkSocket socket = TRY(open_route_socket_in(network_namespace));
  const Interface interface{TRY(socket.interface_index(pod_interface)), pod_interface};
  NetlinkBatch batch;
  generate_no_address(batch, interface);
  bring_up(batch, interface, pod_mac(step.addresses));
  for_each_family(step.addresses, step.gateways, [&](const IpAddress& address, const IpAddress& gateway) {
    add_address(batch, interface, address, AddressScope::Global);
    add_neighbour(batch, interface, gateway, host_mac);
    put_route(batch, {.destination = everywhere(address.family),
                      .interface = interface,
                      .source = address,
                      .gateway = gateway});
  });
  return socket.send(batch);
}

Result<> set_up_host_end(const pod::network::HostEnd& step) {
  NetlinkSocket socket = TRY(NetlinkSocket::open(NETLINK_ROUTE));
  const Interface interface{TRY(socket.interface_index(step.interface)), step.interface};
  NetlinkBatch batch;
  std::vector<Route> routes;
  for_each_family(step.addresses, step.gateways, [&](const IpAddress& address, const IpAddress& gateway) {
    // The gateway's address is for the link alone: the host is to take it as a source for nobody else.
    add_address(batch, interface, gateway, AddressScope::Link);
    add_neighbour(batch, interface, address, pod_mac(step.addresses));
    routes.push_back({.destination = pod::only(address), .interface = interface, .source = gateway});
  });
  for (const Route& route : routes) add_route(batch, route);
  auto done = socket.send(batch);
  if (!done && done.error().number == EEXIST) done = claim_routes(socket, routes);
  if (!done) return done;
  // The kernel lets this end send some time after the other one has come up, and drops what is sent before. A first
  // packet that is lost is repeated a second later.
  return wait_for_link(socket, step.interface, LinkState::Up, longest_wait);
}

}  // namespace podrun::ns
