// A few questions, each one request.
#include "namespaces/network/kernel_network.hpp"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

namespace podrun::ns {
namespace {

const std::map<int, std::string> family_names{{NFPROTO_INET, "inet"},     {NFPROTO_IPV4, "ip"},
                                              {NFPROTO_ARP, "arp"},       {NFPROTO_NETDEV, "netdev"},
                                              {NFPROTO_BRIDGE, "bridge"}, {NFPROTO_IPV6, "ip6"}};

NetlinkBatch get_chain(std::uint8_t family, unsigned flags) {
  NetlinkBatch request;
  request.begin("list the chains of nf_tables", NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETCHAIN, flags,
                nfgenmsg{family, NFNETLINK_V0, 0});
  return request;
}

/// A number in the order of the network.
std::uint32_t number_at(Bytes attributes, int type) {
  return ntohl(find_value<std::uint32_t>(attributes, type).value_or(0));
}

/// The chain of a message; empty if it has no hook.
std::optional<BaseChain> base_chain_of(const NetlinkReply& reply) {
  const auto family = family_names.find(reply.header<nfgenmsg>().value_or(nfgenmsg{}).nfgen_family);
  const Bytes chain = reply.attributes_after<nfgenmsg>();
  const auto hook = find_attribute(chain, NFTA_CHAIN_HOOK);
  if (family == family_names.end() || !hook) return std::nullopt;
  return BaseChain{.family = family->second,
                   .table = std::string(find_text(chain, NFTA_CHAIN_TABLE).value_or("")),
                   .name = std::string(find_text(chain, NFTA_CHAIN_NAME).value_or("")),
                   .is_forward = family->first != NFPROTO_ARP && family->first != NFPROTO_NETDEV &&
                                 number_at(*hook, NFTA_HOOK_HOOKNUM) == NF_INET_FORWARD,
                   .drops = find_attribute(chain, NFTA_CHAIN_POLICY) && number_at(chain, NFTA_CHAIN_POLICY) == NF_DROP,
                   .priority = static_cast<std::int32_t>(number_at(*hook, NFTA_HOOK_PRIORITY))};
}

}  // namespace

bool is_specific(pod::IpFamily family, unsigned length) { return length >= (family == pod::IpFamily::V4 ? 8 : 7); }

Result<std::optional<FoundRoute>> find_route(NetlinkSocket& rtnetlink, const pod::IpAddress& address) {
  const bool is_ipv4 = address.family == pod::IpFamily::V4;
  NetlinkBatch request;
  request.begin("find the route to " + text_of(address), RTM_GETROUTE, 0,
                rtmsg{.rtm_family = static_cast<unsigned char>(is_ipv4 ? AF_INET : AF_INET6),
                      .rtm_dst_len = static_cast<unsigned char>(address.bits()),
                      .rtm_flags = RTM_F_FIB_MATCH});
  request.add(RTA_DST, std::as_bytes(address.bytes()));
  std::optional<FoundRoute> found;
  const auto answered = rtnetlink.ask(request, [&](const NetlinkReply& reply) {
    char name[IF_NAMESIZE] = {};
    const auto index = find_value<std::uint32_t>(reply.attributes_after<rtmsg>(), RTA_OIF);
    if (index) ::if_indextoname(*index, name);
    if (const auto route = reply.header<rtmsg>()) found = FoundRoute{route->rtm_dst_len, name};
  });
  // The kernel answers with the error that a packet to there gets.
  constexpr std::array nowhere{ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL};
  if (!answered && std::ranges::find(nowhere, answered.error().number) == nowhere.end())
    return std::unexpected(answered.error());
  return found;
}

Result<> check_veth(NetlinkSocket& rtnetlink) {
  // The kernel looks the kind up, and then refuses the number of queues: nothing is made.
  constexpr std::uint32_t too_many = 4097;
  NetlinkBatch request;
  request.begin("ask for veth", RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, ifinfomsg{});
  request.add_value(IFLA_NUM_TX_QUEUES, too_many);
  request.nest(IFLA_LINKINFO, [&] { request.add_text(IFLA_INFO_KIND, "veth"); });
  const auto answered = rtnetlink.send(request);
  if (!answered && answered.error().number != EINVAL) return answered;
  return {};
}

std::optional<std::uint32_t> mtu_of(const NetlinkSocket& socket, const std::string& interface) {
  ifreq request{};
  if (interface.size() >= sizeof request.ifr_name) return std::nullopt;
  std::ranges::copy(interface, request.ifr_name);
  if (::ioctl(socket.get(), SIOCGIFMTU, &request) < 0) return std::nullopt;
  return static_cast<std::uint32_t>(request.ifr_mtu);
}

Result<std::vector<BaseChain>> base_chains(NetlinkSocket& nfnetlink) {
  std::vector<BaseChain> chains;
  for (;;) {
    chains.clear();
    const auto listed = nfnetlink.ask(get_chain(NFPROTO_UNSPEC, NLM_F_DUMP), [&](const NetlinkReply& reply) {
      if (auto chain = base_chain_of(reply)) chains.push_back(std::move(*chain));
    });
    if (listed) return chains;
    if (listed.error().number != EINTR) return std::unexpected(listed.error());  // they changed meanwhile
  }
}

Result<bool> has_chain(NetlinkSocket& nfnetlink, const std::string& family, const std::string& table,
                       const std::string& chain) {
  const auto number = std::ranges::find(family_names, family, [](const auto& entry) { return entry.second; });
  NetlinkBatch request = get_chain(static_cast<std::uint8_t>(number->first), 0);
  request.add_text(NFTA_CHAIN_TABLE, table);
  request.add_text(NFTA_CHAIN_NAME, chain);
  bool is_there = false;
  const auto answered = nfnetlink.ask(request, [&](const NetlinkReply&) { is_there = true; });
  if (!answered && answered.error().number != ENOENT) return std::unexpected(answered.error());
  return is_there;
}

}  // namespace podrun::ns
