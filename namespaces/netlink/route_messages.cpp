// Requests of rtnetlink(7).
#include "namespaces/netlink/route_messages.hpp"

#include <net/if.h>
#include <sys/socket.h>

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

namespace podrun::ns {
namespace {

constexpr unsigned create = NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;

std::uint8_t family_of(const pod::IpAddress& address) {
  return address.family == pod::IpFamily::V4 ? AF_INET : AF_INET6;
}

Bytes bytes_of_address(const pod::IpAddress& address) { return std::as_bytes(address.bytes()); }

ifinfomsg link_header(int index, unsigned flags = 0) {
  ifinfomsg header{};
  header.ifi_index = index;
  header.ifi_flags = header.ifi_change = flags;
  return header;
}

std::uint8_t scope_of(AddressScope scope) {
  switch (scope) {
    case AddressScope::Global: return RT_SCOPE_UNIVERSE;
    case AddressScope::Link: return RT_SCOPE_LINK;
    case AddressScope::Host: return RT_SCOPE_HOST;
  }
  std::unreachable();
}

void add_route_body(NetlinkBatch& batch, const Route& route) {
  if (route.destination.length > 0) batch.add(RTA_DST, bytes_of_address(route.destination.address));
  batch.add_value(RTA_OIF, route.interface.index);
}

rtmsg route_header(const Route& route) {
  rtmsg header{};
  header.rtm_family = family_of(route.destination.address);
  header.rtm_dst_len = static_cast<unsigned char>(route.destination.length);
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_type = RTN_UNICAST;
  const bool is_direct_ipv4 = !route.gateway && header.rtm_family == AF_INET;
  header.rtm_scope = is_direct_ipv4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  return header;
}

/// What is sent to the address is for this machine. The kernel adds such a route itself, but of IPv6 some time after the
/// address; what arrives before would be dropped.
void receive_at(NetlinkBatch& batch, const Interface& interface, const pod::IpAddress& address) {
  rtmsg header{};
  header.rtm_family = family_of(address);
  header.rtm_dst_len = static_cast<unsigned char>(address.bits());
  header.rtm_table = RT_TABLE_LOCAL;
  header.rtm_type = RTN_LOCAL;
  header.rtm_protocol = RTPROT_STATIC;
  batch.begin(fmt::format("receive at {} by {}", pod::text_of(address), interface.name), RTM_NEWROUTE, create, header);
  batch.allow(EEXIST);
  batch.add(RTA_DST, bytes_of_address(address));
  batch.add_value(RTA_OIF, interface.index);
}

void add_route_with(NetlinkBatch& batch, const Route& route, unsigned flags) {
  rtmsg header = route_header(route);
  header.rtm_protocol = RTPROT_STATIC;
  if (route.gateway) header.rtm_flags = RTNH_F_ONLINK;
  batch.begin(fmt::format("add the route to {} by {}", pod::text_of(route.destination), route.interface.name),
              RTM_NEWROUTE, flags, header);
  add_route_body(batch, route);
  batch.add(RTA_PREFSRC, bytes_of_address(route.source));
  if (route.gateway) batch.add(RTA_GATEWAY, bytes_of_address(*route.gateway));
}

}  // namespace

void add_veth_pair(NetlinkBatch& batch, const VethPair& pair) {
  batch.begin("make the interface " + pair.host_end, RTM_NEWLINK, create, link_header(0));
  batch.add_text(IFLA_IFNAME, pair.host_end);
  batch.add_value(IFLA_MTU, pair.mtu);
  batch.add_value(IFLA_ADDRESS, pair.host_mac);
  batch.nest(IFLA_LINKINFO, [&] {
    batch.add_text(IFLA_INFO_KIND, "veth");
    batch.nest(IFLA_INFO_DATA, [&] {
      batch.nest(VETH_INFO_PEER, [&] {
        batch.put(bytes_of(link_header(0)));
        batch.add_text(IFLA_IFNAME, pair.pod_end);
        batch.add_value(IFLA_MTU, pair.mtu);
        batch.add_value(IFLA_NET_NS_FD, pair.network_namespace);
      });
    });
  });
}

void set_up_host_interface(NetlinkBatch& batch, const Interface& interface, const std::string& alias) {
  constexpr std::pair<int, std::uint32_t> settings[] = {
      {IPV4_DEVCONF_FORWARDING, 1},          {IPV4_DEVCONF_ACCEPT_REDIRECTS, 0}, {IPV4_DEVCONF_SEND_REDIRECTS, 0},
      {IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE, 0}, {IPV4_DEVCONF_PROXY_ARP, 0},        {IPV4_DEVCONF_ROUTE_LOCALNET, 0},
      {IPV4_DEVCONF_ACCEPT_LOCAL, 0}};
  batch.begin("set up the interface " + interface.name, RTM_SETLINK, NLM_F_ACK, link_header(interface.index));
  batch.add(IFLA_IFALIAS, std::as_bytes(std::span(alias)));  // the kernel adds the final NUL
  batch.nest(IFLA_AF_SPEC, [&] {
    batch.nest(AF_INET, [&] {
      batch.nest(IFLA_INET_CONF, [&] {
        for (const auto& [setting, value] : settings) batch.add_value(setting, value);
      });
    });
  });
}

void generate_no_address(NetlinkBatch& batch, const Interface& interface) {
  batch.begin(fmt::format("set up IPv6 on {}", interface.name), RTM_SETLINK, NLM_F_ACK, link_header(interface.index));
  batch.allow(EAFNOSUPPORT);
  batch.nest(IFLA_AF_SPEC, [&] {
    batch.nest(AF_INET6, [&] {
      batch.add_value(IFLA_INET6_ADDR_GEN_MODE, std::uint8_t{IN6_ADDR_GEN_MODE_NONE});
    });
  });
}

void bring_up(NetlinkBatch& batch, const Interface& interface, const std::optional<MacAddress>& mac) {
  batch.begin(fmt::format("bring {} up", interface.name), RTM_NEWLINK, NLM_F_ACK,
              link_header(interface.index, IFF_UP));
  if (mac) batch.add_value(IFLA_ADDRESS, *mac);
}

void delete_interface(NetlinkBatch& batch, const Interface& interface) {
  batch.begin("delete the interface " + interface.name, RTM_DELLINK, NLM_F_ACK, link_header(interface.index));
}

void add_address(NetlinkBatch& batch, const Interface& interface, const pod::IpAddress& address, AddressScope scope) {
  ifaddrmsg header{};
  header.ifa_family = family_of(address);
  header.ifa_prefixlen = static_cast<std::uint8_t>(address.bits());
  header.ifa_flags = address.family == pod::IpFamily::V6 ? IFA_F_NODAD : 0;
  header.ifa_scope = scope_of(scope);
  header.ifa_index = static_cast<unsigned>(interface.index);
  batch.begin(fmt::format("add the address {} to {}", pod::text_of(address), interface.name), RTM_NEWADDR, create,
              header);
  batch.allow(EEXIST);
  batch.add(IFA_LOCAL, bytes_of_address(address));
  batch.add(IFA_ADDRESS, bytes_of_address(address));
  if (address.family == pod::IpFamily::V6) receive_at(batch, interface, address);
}

void add_neighbour(NetlinkBatch& batch, const Interface& interface, const pod::IpAddress& address,
                   const MacAddress& mac) {
  ndmsg header{};
  header.ndm_family = family_of(address);
  header.ndm_ifindex = interface.index;
  header.ndm_state = NUD_PERMANENT;
  batch.begin(fmt::format("add the neighbour {} to {}", pod::text_of(address), interface.name), RTM_NEWNEIGH,
              NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, header);
  batch.add(NDA_DST, bytes_of_address(address));
  batch.add_value(NDA_LLADDR, mac);
}

void add_route(NetlinkBatch& batch, const Route& route) { add_route_with(batch, route, create); }

void put_route(NetlinkBatch& batch, const Route& route) {
  add_route_with(batch, route, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK);
}

void delete_route(NetlinkBatch& batch, const Route& route) {
  batch.begin(fmt::format("delete the route to {} by {}", pod::text_of(route.destination), route.interface.name),
              RTM_DELROUTE, NLM_F_ACK, route_header(route));
  add_route_body(batch, route);
}

NetlinkBatch question_about_interface(const std::string& name) {
  NetlinkBatch batch;
  batch.begin("find the interface " + name, RTM_GETLINK, 0, link_header(0));
  batch.add_text(IFLA_IFNAME, name);
  batch.add_value(IFLA_EXT_MASK, std::uint32_t{RTEXT_FILTER_SKIP_STATS});
  return batch;
}

}  // namespace podrun::ns
