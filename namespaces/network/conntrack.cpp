// Deletes entries of conntrack(8), by which packets go on to a pod that is no more. The entries are read as a stream,
// and those that are meant are deleted by the way: memory does not grow with their number.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>
#include <vector>

#include "namespaces/netlink/netlink_socket.hpp"
#include "namespaces/network/network_steps.hpp"

namespace podrun::ns {
namespace {

constexpr std::size_t deletions_at_once = 64;
constexpr std::size_t most_patterns = 16;

int type_of(int message) { return NFNL_SUBSYS_CTNETLINK << 8 | message; }

/// One direction of a connection.
struct Direction {
  std::optional<pod::IpAddress> source{}, destination{};
  std::uint8_t protocol = 0;
  std::uint16_t destination_port = 0;
};

/// A connection as the kernel tracks it: what was sent, and what comes back.
struct Connection {
  Direction original, reply;
};

std::optional<pod::IpAddress> find_address(Bytes addresses, int ipv4, int ipv6) {
  pod::IpAddress address;
  auto value = find_attribute(addresses, ipv4);
  if (!value) {
    address.family = pod::IpFamily::V6;
    value = find_attribute(addresses, ipv6);
  }
  if (!value || value->size() != address.bytes().size()) return std::nullopt;
  std::ranges::copy(*value, std::as_writable_bytes(std::span(address.octets)).begin());
  return address;
}

Direction read_direction(Bytes attributes, int type) {
  const Bytes tuple = find_attribute(attributes, type).value_or(Bytes());
  const Bytes addresses = find_attribute(tuple, CTA_TUPLE_IP).value_or(Bytes());
  const Bytes protocol = find_attribute(tuple, CTA_TUPLE_PROTO).value_or(Bytes());
  return {.source = find_address(addresses, CTA_IP_V4_SRC, CTA_IP_V6_SRC),
          .destination = find_address(addresses, CTA_IP_V4_DST, CTA_IP_V6_DST),
          .protocol = find_value<std::uint8_t>(protocol, CTA_PROTO_NUM).value_or(0),
          .destination_port = ntohs(find_value<std::uint16_t>(protocol, CTA_PROTO_DST_PORT).value_or(0))};
}

/// Asks for the deletion of the entry that an answer describes, and of no later one with the same addresses.
void add_deletion(NetlinkBatch& batch, const NetlinkReply& entry) {
  const auto header = entry.header<nfgenmsg>();
  const Bytes attributes = entry.attributes_after<nfgenmsg>();
  batch.begin("delete an entry of conntrack", type_of(IPCTNL_MSG_CT_DELETE), NLM_F_ACK,
              nfgenmsg{header ? header->nfgen_family : std::uint8_t{AF_UNSPEC}, NFNETLINK_V0, 0});
  batch.allow(ENOENT);
  for (const int type : {CTA_TUPLE_ORIG, CTA_ZONE, CTA_ID})
    if (const auto value = find_attribute(attributes, type))
      batch.add(type == CTA_TUPLE_ORIG ? type | NLA_F_NESTED : type, *value);
}

Result<> forget(const std::function<bool(const Connection&)>& is_meant) {
  NetlinkSocket reader = TRY(NetlinkSocket::open(NETLINK_NETFILTER));
  NetlinkSocket writer = TRY(NetlinkSocket::open(NETLINK_NETFILTER));
  NetlinkBatch question, deletions;
  question.begin("read the entries of conntrack", type_of(IPCTNL_MSG_CT_GET), NLM_F_DUMP,
                 nfgenmsg{AF_UNSPEC, NFNETLINK_V0, 0});
  Result<> status;
  const auto send_deletions = [&] {
    if (deletions.requests().empty()) return;
    if (auto sent = writer.send(deletions); !sent && status) status = std::move(sent);
    deletions = NetlinkBatch();
  };
  TRY_VOID(reader.ask(question, [&](const NetlinkReply& entry) {
    const Bytes attributes = entry.attributes_after<nfgenmsg>();
    if (!is_meant({read_direction(attributes, CTA_TUPLE_ORIG), read_direction(attributes, CTA_TUPLE_REPLY)})) return;
    add_deletion(deletions, entry);
    if (deletions.requests().size() == deletions_at_once) send_deletions();
  }));
  send_deletions();
  return status;
}

/// What the kernel itself can look for, in one direction of the connections of a family. What is empty may be anything.
struct Pattern {
  pod::IpFamily family;
  int direction;  ///< CTA_TUPLE_ORIG or CTA_TUPLE_REPLY
  std::optional<pod::IpAddress> source{}, destination{};
  std::optional<std::uint16_t> datagrams_to_port{};
};

// The kernel's CTA_FILTER_F_…, which its headers for programs do not have: which parts of a direction are compared.
constexpr std::uint32_t compare_source = 1 << 0, compare_destination = 1 << 1, compare_protocol = 1 << 3,
                        compare_destination_port = 1 << 5;

/// Asks for the deletion of all entries that are like the pattern. Before Linux 6.11 an error: the kernel takes the
/// pattern for one entry's addresses, and misses some of them.
void add_deletion(NetlinkBatch& batch, const Pattern& pattern) {
  const bool is_ipv4 = pattern.family == pod::IpFamily::V4;
  const std::uint32_t compared = (pattern.source ? compare_source : 0) |
                                 (pattern.destination ? compare_destination : 0) |
                                 (pattern.datagrams_to_port ? compare_protocol | compare_destination_port : 0);
  batch.begin("delete entries of conntrack", type_of(IPCTNL_MSG_CT_DELETE), NLM_F_ACK,
              nfgenmsg{is_ipv4 ? std::uint8_t{AF_INET} : std::uint8_t{AF_INET6}, NFNETLINK_V0, 0});
  batch.nest(pattern.direction, [&] {
    if (pattern.source || pattern.destination)
      batch.nest(CTA_TUPLE_IP, [&] {
        if (pattern.source)
          batch.add(is_ipv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, std::as_bytes(pattern.source->bytes()));
        if (pattern.destination)
          batch.add(is_ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, std::as_bytes(pattern.destination->bytes()));
      });
    if (pattern.datagrams_to_port)
      batch.nest(CTA_TUPLE_PROTO, [&] {
        batch.add_value(CTA_PROTO_NUM, std::uint8_t{IPPROTO_UDP});
        batch.add_value(CTA_PROTO_DST_PORT, htons(*pattern.datagrams_to_port));
      });
  });
  batch.nest(CTA_FILTER, [&] {
    batch.add_value(pattern.direction == CTA_TUPLE_ORIG ? CTA_FILTER_ORIG_FLAGS : CTA_FILTER_REPLY_FLAGS, compared);
  });
}

/// Deletes by patterns where the kernel can: it looks through its table in 0.1 ms, and takes 10 ms to tell what is in
/// it. Each pattern is a look of its own, so for many of them the entries are read once.
Result<> forget(const std::vector<Pattern>& patterns, const std::function<bool(const Connection&)>& is_meant,
                NetlinkSocket socket) {
  if (patterns.size() <= most_patterns) {
    NetlinkBatch batch;
    for (const Pattern& pattern : patterns) add_deletion(batch, pattern);
    if (socket.send(batch)) return {};
  }
  return forget(is_meant);
}

/// Whether a port is published at one address of the host, rather than at all of a family or of both.
bool has_one_address(const pod::PublishedPort& port) { return port.host_ip && !is_unspecified(*port.host_ip); }

bool is_in_family(const pod::PublishedPort& port, const Connection& connection) {
  const auto& sent_to = connection.original.destination;
  return !port.host_ip || (sent_to && sent_to->family == port.host_ip->family);
}

}  // namespace

Result<> forget_connections_to(const std::vector<pod::PublishedPort>& ports) {
  std::vector<pod::PublishedPort> of_datagrams;
  std::ranges::copy_if(ports, std::back_inserter(of_datagrams),
                       [](const auto& port) { return port.protocol == IPPROTO_UDP; });
  if (of_datagrams.empty()) return {};
  std::vector<Pattern> patterns;
  for (const auto& port : of_datagrams)
    for (const auto family : {pod::IpFamily::V4, pod::IpFamily::V6})
      if (!port.host_ip || port.host_ip->family == family)
        patterns.push_back({.family = family,
                            .direction = CTA_TUPLE_ORIG,
                            .destination = has_one_address(port) ? port.host_ip : std::nullopt,
                            .datagrams_to_port = port.host_port});
  const auto is_meant = [&](const Connection& connection) {
    const Direction& sent = connection.original;
    return sent.protocol == IPPROTO_UDP && std::ranges::any_of(of_datagrams, [&](const auto& port) {
             if (port.host_port != sent.destination_port) return false;
             return has_one_address(port) ? port.host_ip == sent.destination : is_in_family(port, connection);
           });
  };
  return forget(patterns, is_meant, TRY(NetlinkSocket::open(NETLINK_NETFILTER)));
}

Result<> forget_connections_of(const pod::Addresses& addresses, int socket) {
  Fd copy(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
  if (!copy) return fail_system("delete entries of conntrack");
  const auto all = addresses.list();
  if (all.empty()) return {};
  const auto is_end = [&](const std::optional<pod::IpAddress>& end) {
    return end && std::ranges::find(all, *end) != all.end();
  };
  // Who is translated is an end of one direction alone: a pod that answers for the host of the replies, one that sends
  // in the host's name of what was sent.
  std::vector<Pattern> patterns;
  for (const auto& address : all)
    for (const int direction : {CTA_TUPLE_ORIG, CTA_TUPLE_REPLY})
      patterns.push_back({.family = address.family, .direction = direction, .source = address});
  const auto is_meant = [&](const Connection& connection) {
    return is_end(connection.original.source) || is_end(connection.reply.source);
  };
  return forget(patterns, is_meant, NetlinkSocket::adopt(std::move(copy)));
}

}  // namespace podrun::ns
