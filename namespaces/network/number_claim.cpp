// Claims numbers by binding sockets.
#include "namespaces/network/number_claim.hpp"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "namespaces/kernel/socket_address.hpp"
#include "namespaces/network/kernel_network.hpp"
#include "namespaces/network/network_steps.hpp"
#include "pod/network/addresses.hpp"

namespace podrun::ns {
namespace {

constexpr std::uint16_t claimed_port = 1;
/// An interface that stays longer is not one of a pod that has ended.
constexpr std::chrono::milliseconds end_of_interface{300};

/// A socket that is bound to the claimed port of an address, which need not be there. Empty: it is claimed.
Result<Fd> bind_claim(const pod::IpAddress& address) {
  const bool is_ipv4 = address.family == pod::IpFamily::V4;
  Fd socket(::socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  constexpr int on = 1;
  if (!socket || ::setsockopt(socket.get(), is_ipv4 ? int{IPPROTO_IP} : int{IPPROTO_IPV6},
                              is_ipv4 ? IP_FREEBIND : IPV6_FREEBIND, &on, sizeof on) < 0)
    return fail_system("the claim of a pod's address");
  const SocketAddress name(address, claimed_port);
  if (::bind(socket.get(), name.get(), name.size()) == 0) return socket;
  if (errno == EADDRINUSE) return Fd();
  return fail_system(fmt::format("the claim of {}", text_of(address)));
}

/// Whether packets to an address have a way of their own: it is an address of the host, or others have a route to it.
Result<bool> is_routed(NetlinkSocket& rtnetlink, const pod::IpAddress& address) {
  const auto route = TRY(find_route(rtnetlink, address));
  return route && is_specific(address.family, route->length);
}

}  // namespace

Result<NumberClaim> claim_number(const pod::NetworkFacts& facts, std::uint32_t preferred) {
  const std::uint32_t last = pod::largest_number(facts);
  if ((!facts.ipv4 && !facts.ipv6) || last < pod::least_number)
    return fail("the subnet of pods has no address for a pod", EADDRNOTAVAIL);
  const std::uint32_t count = last - pod::least_number + 1;
  auto rtnetlink = TRY(NetlinkSocket::open(NETLINK_ROUTE));
  const auto has_interface = [&](std::uint32_t number) {
    return rtnetlink.interface_index(pod::interface_name(number)).has_value();
  };
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t first = preferred % count + count - pod::least_number % count;
    const std::uint32_t number = pod::least_number + (first + i) % count;
    Fd claim = TRY(bind_claim(nth_address(facts.ipv4 ? *facts.ipv4 : *facts.ipv6, number)));
    if (!claim) continue;
    // A pod that has just ended has the interface a little longer than the claim. The next run gets the same address.
    if (i == 0 && has_interface(number)) (void)wait_for_link_end(pod::interface_name(number), end_of_interface);
    if (has_interface(number)) continue;
    bool is_free = true;
    for (const auto* subnet : {&facts.ipv4, &facts.ipv6})
      if (is_free && *subnet) is_free = !TRY(is_routed(rtnetlink, nth_address(**subnet, number)));
    if (is_free) return NumberClaim{number, std::move(claim)};
  }
  return fail(fmt::format("no address of {} is free: each is claimed by a pod or routed, or a server of the host "
                          "listens at port {}/TCP of all addresses",
                          text_of(facts.ipv4 ? *facts.ipv4 : *facts.ipv6), claimed_port),
              EADDRNOTAVAIL);
}

}  // namespace podrun::ns
