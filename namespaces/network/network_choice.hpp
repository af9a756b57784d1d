// What follows for pods from what the host's network is: pure functions of what was read.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/network/host_text.hpp"
#include "pod/network/network_config.hpp"

namespace podrun::ns {

/// The file in which the administrator chooses, for messages.
inline constexpr std::string_view network_config_file = "/etc/podrun/network.yaml";

/// A subnet, or a sentence that says why there is none.
using Subnet = std::expected<pod::IpPrefix, std::string>;

/// The subnets of pods from which one is chosen: 10.77.0.0/16 … 10.127.0.0/16.
std::vector<pod::IpPrefix> ipv4_candidates();

/// The /64 subnets of this host alone, in fd00::/8 (RFC 4193), from which one is chosen. `seed` is the machine's id, or
/// else that of the boot.
std::vector<pod::IpPrefix> ipv6_candidates(std::string_view seed);

/// The first candidate that no route of the host overlaps, or the configured subnet if none does. Default routes, and
/// those to pods, are none of these.
Subnet choose_ipv4(const std::optional<pod::IpPrefix>& configured, const std::vector<HostRoute>& routes);
/// The same for IPv6.
Subnet choose_ipv6(const std::optional<pod::IpPrefix>& configured, const std::vector<HostRoute>& routes,
                   std::string_view seed);

/// What IPv6 of a host is like.
struct Ipv6State {
  bool exists = false;        ///< the kernel has IPv6
  std::string disabled_by{};  ///< the parameter that switches it off; empty: none does
  bool is_forwarded = false;  ///< by others than podrun
  bool has_pods = false;      ///< pods of this host have it already
  std::vector<InterfaceAddress> addresses{};
};
/// Why pods have no IPv6 on this host; empty: they have.
std::string why_no_ipv6(const Ipv6State& state);

/// An interface of the host, as far as router advertisements are concerned.
struct RouterListener {
  std::string interface;
  bool forwards;  ///< IPv6
  int accept_ra;
};
/// The interfaces that lead to routers: those that have a default route, or routes from router advertisements.
std::vector<std::string> uplinks(const std::vector<HostRoute>& ipv4, const std::vector<HostRoute>& ipv6);
/// The parameters that IPv6 forwarding needs. An interface that forwards ignores router advertisements if its accept_ra
/// is 1, and the kernel forgets the routes that it has from them: so that of each uplink becomes 2 before.
std::vector<pod::NeededSetting> ipv6_forwarding_settings(const std::vector<RouterListener>& uplinks);

/// The resolvers to which pods' queries go: those of the host's resolv.conf(5) but for loopback addresses, at which a
/// server of the host listens; if there are no others, those of systemd-resolved(8), which that one asks.
std::vector<std::string> choose_upstreams(const std::vector<std::string>& hosts,
                                          const std::vector<std::string>& of_systemd_resolved);

}  // namespace podrun::ns
