// Questions to the kernel about the host's network, by netlink(7). None changes anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/netlink/netlink_socket.hpp"
#include "pod/network/ip_address.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// The route by which packets of the host to an address go, by all rules and tables.
struct FoundRoute {
  unsigned length = 0;    ///< of its destination, in bits: 0 is a default route
  std::string interface;  ///< empty if it is gone
};
/// Empty: there is none, or one that leads nowhere.
Result<std::optional<FoundRoute>> find_route(NetlinkSocket& rtnetlink, const pod::IpAddress& address);

/// Whether a route is about less than the whole of the Internet: VPNs write a default route as two or more.
bool is_specific(pod::IpFamily family, unsigned length);

/// Asks whether podrun can make a veth(4) pair, without making one. EOPNOTSUPP: the kernel has no veth. EPERM: the
/// process may not.
Result<> check_veth(NetlinkSocket& rtnetlink);

/// The MTU of an interface; empty if there is none of that name.
std::optional<std::uint32_t> mtu_of(const NetlinkSocket& socket, const std::string& interface);

/// A base chain of nftables(8) at a hook of the kernel.
struct BaseChain {
  std::string family;  ///< as nft(8) writes it: "ip", "ip6", "inet", "bridge", "arp", "netdev"
  std::string table, name;
  bool is_forward = false;  ///< its hook is forward
  bool drops = false;       ///< its policy is drop
  std::int32_t priority = 0;

  bool operator==(const BaseChain&) const = default;
};

/// All chains with a hook, of all families.
Result<std::vector<BaseChain>> base_chains(NetlinkSocket& nfnetlink);

/// Whether there is a chain. `family`: "ip", "ip6" or "inet". EINVAL: the kernel has no nf_tables. EPERM: the process may not
/// ask.
Result<bool> has_chain(NetlinkSocket& nfnetlink, const std::string& family, const std::string& table,
                       const std::string& chain);

}  // namespace podrun::ns
