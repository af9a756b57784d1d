// What the kernel and resolvers write about the host's network, as text → values. Lines that are not as expected are
// passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/network/ip_address.hpp"

namespace podrun::ns {

/// A route of the host.
struct HostRoute {
  std::string interface;
  pod::IpPrefix to;
  bool is_learnt = false;  ///< IPv6: from a router advertisement

  bool operator==(const HostRoute&) const = default;
};

/// The routes of /proc/net/route, of which the kernel sorts the destinations: those of unreachable and prohibited
/// prefixes are left out, because nobody is there.
std::vector<HostRoute> parse_ipv4_routes(std::string_view text);
/// The first address that the last complete line is about; 0.0.0.0 if there is none.
pod::IpAddress last_ipv4_destination(std::string_view text);

/// The routes of /proc/net/ipv6_route, without those of `lo`, of multicast and of unreachable prefixes.
std::vector<HostRoute> parse_ipv6_routes(std::string_view text);

/// An IPv6 address of the host.
struct InterfaceAddress {
  std::string interface;
  pod::IpAddress address;
  bool is_wide = false;  ///< neither a loopback nor a link-local one

  bool operator==(const InterfaceAddress&) const = default;
};

/// The addresses of /proc/net/if_inet6.
std::vector<InterfaceAddress> parse_ipv6_addresses(std::string_view text);

/// The nameservers of a resolv.conf(5).
std::vector<std::string> parse_nameservers(std::string_view text);

/// A socket of /proc/net/tcp, tcp6, udp or udp6.
struct SocketLine {
  pod::IpAddress address;
  std::uint16_t port;
  bool is_listening;  ///< TCP
  std::uint64_t inode;
};

/// The sockets that are bound to a port.
std::vector<SocketLine> parse_sockets(std::string_view text, std::uint16_t port);

/// Whether an interface is that of a pod: podrunN.
bool is_of_a_pod(std::string_view interface);

}  // namespace podrun::ns
