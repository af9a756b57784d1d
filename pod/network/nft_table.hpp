// The packet filter of a pod as data: one table of nftables(8), with chains at the kernel's hooks. The same data is
// printed as nft text and encoded for the kernel (namespaces/netlink).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "pod/network/ip_address.hpp"

namespace podrun::pod::nft {

// ---- what a rule matches ----

/// The interface by which a packet comes in, or goes out. A name that ends with * stands for all that begin so.
struct InInterface {
  std::string name;
  bool is_not = false;
};
struct OutInterface {
  std::string name;
  bool is_not = false;
};
/// The family of the packet: meta nfproto, at ingress meta protocol.
struct Family {
  IpFamily family;
};
/// The packet's addresses. Each implies the family.
struct Source {
  IpPrefix prefix;
  bool is_not = false;
};
struct Destination {
  IpPrefix prefix;
  bool is_not = false;
};
/// The transport protocol, IPPROTO_TCP and the like: meta l4proto.
struct Protocol {
  std::uint8_t number;
};
/// The destination's port, of any protocol that has ports. A Protocol precedes it.
struct DestinationPort {
  std::uint16_t port;
};
/// The type of an ICMP or ICMPv6 message; implies the protocol.
struct IcmpType {
  IpFamily family;
  std::uint8_t type;
};
/// The destination is an address of the host: fib daddr type local.
struct LocalDestination {};
/// ct state: any of these.
struct ConnectionState {
  bool is_new = false, is_established = false, is_related = false;
};
/// ct status dnat: the connection's destination was translated; `is_not`: it was not.
struct Translated {
  bool is_not = false;
};
/// The user of the local socket that sends: meta skuid. A packet without a socket has no user; neither this nor its
/// negation holds for it.
struct SocketUser {
  std::uint32_t uid;
  bool is_not = false;
};
using Match = std::variant<InInterface, OutInterface, Family, Source, Destination, Protocol, DestinationPort, IcmpType,
                           LocalDestination, ConnectionState, Translated, SocketUser>;

// ---- what it does ----

struct Accept {};
struct Drop {};
/// The source becomes the address of the interface by which the packet goes out.
struct Masquerade {};
/// The destination becomes this one: dnat. The family of the address is that of the packets.
struct Translate {
  IpAddress address;
  std::uint16_t port;
};
using Verdict = std::variant<Accept, Drop, Masquerade, Translate>;

/// One rule: if all of `matches` hold, in this order, `verdict` is done.
struct Rule {
  std::vector<Match> matches;
  Verdict verdict;
};

/// The hooks of the kernel at which chains are: what comes in by one interface, before the routing, locally made,
/// forwarded, after the routing.
enum class Hook : std::uint8_t { Ingress, Prerouting, Input, Forward, Output, Postrouting };
enum class ChainType : std::uint8_t { Filter, Nat };

/// A base chain. Its policy is accept.
struct Chain {
  std::string name;
  ChainType type;
  Hook hook;
  std::int32_t priority = 0;  ///< -100: dstnat, 0: filter, 100: srcnat
  std::string device{};       ///< of an ingress chain
  std::vector<Rule> rules{};
};

/// A table of the family inet. It has an owner: the netlink socket that makes it. Others cannot change it, and the
/// kernel removes it with the last descriptor of that socket. Its chains at ingress are in a table of the family netdev
/// with the same name and owner: there they see every frame. Those of the family inet see no frame that is not, or not
/// yet, a packet of IP, such as one with two VLAN tags.
struct Table {
  std::string name;
  std::vector<Chain> chains;
};

/// Whether a chain is in the table of the family netdev.
bool is_of_device(const Chain& chain);

/// The table, or both, as nft(8) reads it, with `flags owner`.
std::string text_of(const Table& table);

}  // namespace podrun::pod::nft
