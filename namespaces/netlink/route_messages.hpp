// Requests of rtnetlink(7): interfaces, addresses, neighbours, routes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "namespaces/netlink/netlink_message.hpp"
#include "pod/network/ip_address.hpp"

namespace podrun::ns {

/// An Ethernet address.
using MacAddress = std::array<std::uint8_t, 6>;

/// An interface by its index, and its name for errors.
struct Interface {
  int index;
  std::string name;
};

/// Makes a veth(4) pair: `host_end` here, `pod_end` in the namespace of the descriptor. Error EEXIST: one of the names
/// is taken.
struct VethPair {
  std::string host_end, pod_end;
  MacAddress host_mac;
  std::uint32_t mtu;
  int network_namespace;
};
void add_veth_pair(NetlinkBatch& batch, const VethPair& pair);

/// Sets the alias of an interface, and its parameters of IPv4, those of /proc/sys/net/ipv4/conf/INTERFACE: it neither
/// hears nor sends redirects, follows no source routes, answers for itself alone, forwards.
void set_up_host_interface(NetlinkBatch& batch, const Interface& interface, const std::string& alias);
/// The interface makes itself no link-local address, so it waits for none, and asks for no router. A kernel without
/// IPv6 makes none anyway.
void generate_no_address(NetlinkBatch& batch, const Interface& interface);
/// Brings the interface up, with this Ethernet address if there is one.
void bring_up(NetlinkBatch& batch, const Interface& interface, const std::optional<MacAddress>& mac = {});
void delete_interface(NetlinkBatch& batch, const Interface& interface);

/// Whether an address is for the whole network or the machines of this link, or stays on this machine.
enum class AddressScope : std::uint8_t { Global, Link, Host };
/// Adds an address without a subnet, without a wait for duplicates. That it is there is no error.
void add_address(NetlinkBatch& batch, const Interface& interface, const pod::IpAddress& address, AddressScope scope);

/// Says once and for all which Ethernet address an address has there.
void add_neighbour(NetlinkBatch& batch, const Interface& interface, const pod::IpAddress& address,
                   const MacAddress& mac);

/// A route of the main table.
struct Route {
  pod::IpPrefix destination;
  Interface interface;
  pod::IpAddress source;                    ///< of packets that have none yet
  std::optional<pod::IpAddress> gateway{};  ///< reached by the interface whatever its addresses are ("onlink")
};
/// Error EEXIST: there is a route to the destination.
void add_route(NetlinkBatch& batch, const Route& route);
/// Adds the route in place of another to the destination.
void put_route(NetlinkBatch& batch, const Route& route);
/// Deletes the route of that destination by that interface. Error ESRCH: there is none.
void delete_route(NetlinkBatch& batch, const Route& route);

/// Asks for an interface by its name. The answer is RTM_NEWLINK. Error ENODEV: there is none.
NetlinkBatch question_about_interface(const std::string& name);

}  // namespace podrun::ns
