// What /etc/podrun/network.yaml says, and what of the host the network of a pod depends on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pod/network/ip_address.hpp"

namespace podrun::pod {

/// How one family is set up.
struct FamilyConfig {
  bool enabled = true;
  std::optional<IpPrefix> subnet{};  ///< empty: the first of podrun's own that no route of the host overlaps
  bool masquerade = true;            ///< what leaves the host by another interface than a pod's has the host's address
};

/// /etc/podrun/network.yaml. Each member may be absent.
struct NetworkConfig {
  FamilyConfig ipv4{}, ipv6{};
  std::optional<std::uint32_t> mtu{};  ///< empty: that of the interface of the host's default route
};

/// A kernel parameter of the host's network that a pod needs, where it has another value: written once the pod's filter
/// stands, and leased.
struct NeededSetting {
  std::string name;  ///< below /proc/sys: "net/ipv4/ip_forward"
  std::string value;

  bool operator==(const NeededSetting&) const = default;
};

/// The facts of the host on which the network of its pods depends.
struct NetworkFacts {
  bool has_pods_network = true;       ///< false: podrun gives pods no interface here; `why_not` says why
  std::string why_not{};
  std::optional<IpPrefix> ipv4{};     ///< the subnet of pods; empty: pods have no address of this family
  std::optional<IpPrefix> ipv6{};
  std::string why_no_ipv4{}, why_no_ipv6{};  ///< for `podrun network` and `info`
  bool masquerade_ipv4 = true, masquerade_ipv6 = true;
  std::uint32_t mtu = 1500;
  std::vector<NeededSetting> settings{};  ///< in the order in which they are written: accept_ra before IPv6 forwarding
  /// Where podrun turns forwarding on, it forwards for pods alone: the interfaces of the host at this time, between
  /// which it would not forward without podrun. Empty where forwarding was on.
  std::vector<std::string> closed_ipv4{}, closed_ipv6{};
  /// The tables with Docker's chain DOCKER-USER: "ip", "ip6". A rule there lets pods' traffic pass.
  std::vector<std::string> docker_families{};
  std::vector<std::string> upstreams{};  ///< the host's resolvers, those behind a loopback one included
};

/// The number of a pod in the subnets, which is also that of its interface.
struct PodNumber {
  std::uint32_t number = 0;  ///< 2 … 65533
  bool operator==(const PodNumber&) const = default;
};

}  // namespace podrun::pod
