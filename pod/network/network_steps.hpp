// The steps that connect a pod, or a container with a network of its own, to the host. The supervisor executes them
// after those of the sandbox, before a container's process exists. Each can be repeated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pod/network/ip_address.hpp"
#include "pod/network/nft_table.hpp"

namespace podrun::pod {

/// The addresses of one network namespace: of each family none or one.
struct Addresses {
  std::optional<IpAddress> ipv4{}, ipv6{};

  bool operator==(const Addresses&) const = default;
  /// As the downward API has them, IPv4 first.
  std::vector<IpAddress> list() const {
    std::vector<IpAddress> all;
    if (ipv4) all.push_back(*ipv4);
    if (ipv6) all.push_back(*ipv6);
    return all;
  }
};

/// A port of the host that leads to a container.
struct PublishedPort {
  std::uint16_t host_port;
  std::optional<IpAddress> host_ip{};  ///< empty: all addresses of the host, of both families
  std::uint8_t protocol;               ///< IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP
  std::uint16_t container_port;
  std::string container;               ///< for messages
  bool operator==(const PublishedPort&) const = default;
};

namespace network {
/// Gives a kernel parameter of the host a value until the last pod that needs it ends, sysctl(8).
struct HostSetting {
  std::string name;  ///< below /proc/sys: "net/ipv4/ip_forward"
  std::string value;
};
/// Makes a veth(4) pair: `interface` on the host, `eth0` in the namespace. The alias says whose it is.
struct Link {
  std::string interface;  ///< "podrun5"
  std::string alias;      ///< "podrun default_web" or "podrun default_web/CONTAINER"
  std::uint32_t mtu;
};
/// In the namespace: the addresses of eth0, eth0 up, the routes to the gateways and by them to everywhere.
struct PodEnd {
  Addresses addresses, gateways;
};
/// On the host: the gateways' addresses on the interface, the interface up, the routes to the pod.
struct HostEnd {
  std::string interface;
  Addresses addresses, gateways;
};
/// Makes the pod's table. The pause holds the socket that owns it.
struct Filter {
  nft::Table table;
};
/// Makes the table that all pods with the same facts have in common, unless one of them has made it, and adds the pod's
/// elements. The pauses of all these pods hold the socket that owns it. Where that socket cannot be had, the pod has a
/// table of its own with the same content.
struct SharedFilter {
  nft::Table table;
  std::vector<nft::Element> elements{};
};
/// Lets the pod's traffic pass Docker's rules, in its chain DOCKER-USER.
struct DockerRule {
  std::string family;  ///< "ip" or "ip6"
  std::string interface;
  std::string comment;  ///< "podrun default_web"
};
/// Deletes the entries of conntrack(8) by which datagrams to these ports of the host go to a pod that was there before.
struct ForgetConnections {
  std::vector<PublishedPort> ports;
};
/// Opens the sockets at which the namespace's resolver listens, UDP and TCP port 53; the pause holds them.
struct Resolver {
  IpAddress address;
  std::vector<std::string> upstreams;  ///< the host's resolvers, which it asks; they are read again when it is started
};
}  // namespace network
using NetworkStep = std::variant<network::HostSetting, network::Link, network::PodEnd, network::HostEnd,
                                 network::Filter, network::SharedFilter, network::DockerRule,
                                 network::ForgetConnections, network::Resolver>;

/// The network of one namespace that is connected to the host.
struct NetworkPlan {
  std::string container{};  ///< empty: the pod's namespace; else that container's own
  std::uint32_t number = 0; ///< PodNumber
  std::string interface{};
  Addresses addresses{};
  std::vector<PublishedPort> ports{};
  std::vector<NetworkStep> steps{};
};

/// The address at which a namespace's resolver listens, on its `lo`. It is a link-local one of podrun's choice: no
/// network routes it.
inline constexpr std::string_view resolver_address = "169.254.77.53";

}  // namespace podrun::pod
