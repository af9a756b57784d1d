// The packet filter of a pod as data: one table of nftables(8), with chains at the kernel's hooks. The same data is
// printed as nft text and encoded for the kernel (namespaces/netlink).
#pragma once

#include <compare>
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
/// ct state: any of these. A packet that belongs to no connection and cannot begin one is invalid.
struct ConnectionState {
  bool is_new = false, is_established = false, is_related = false, is_invalid = false;
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
/// Source and destination are, together, an element of a set of SetKind::Ends. It implies the family.
struct EndsInSet {
  IpFamily family;
  std::string set;
};
using Match = std::variant<InInterface, OutInterface, Family, Source, Destination, Protocol, DestinationPort, IcmpType,
                           LocalDestination, ConnectionState, Translated, SocketUser, EndsInSet>;

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
/// The destination becomes what a map of SetKind::PortsByMark has for the mark of the socket that the packet would
/// arrive at: one of TCP or UDP that is bound to the packet's destination. Without such an element nothing is done.
struct TranslateByMark {
  IpFamily family;
  std::string map;
};
/// The destination, which is in this prefix, stays as it is: dnat prefix to. The later chains of the hook that translate
/// are not walked.
struct StayIn {
  IpPrefix prefix;
};
using Verdict = std::variant<Accept, Drop, Masquerade, Translate, TranslateByMark, StayIn>;

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

/// What a set has: for the mark of a socket an address and a port (a map), or pairs of a source and a destination.
enum class SetKind : std::uint8_t { PortsByMark, Ends };
/// A set, empty at first. Its elements may change as long as the table is there.
struct Set {
  std::string name;
  SetKind kind;
  IpFamily family;
};

/// An element of a set of SetKind::PortsByMark.
struct PortOfMark {
  std::uint32_t mark;
  IpAddress address;
  std::uint16_t port;
  auto operator<=>(const PortOfMark&) const = default;
};
/// An element of a set of SetKind::Ends, by which both ends are the same.
struct SameEnds {
  IpAddress address;
  auto operator<=>(const SameEnds&) const = default;
};
using ElementValue = std::variant<PortOfMark, SameEnds>;
/// An element, and the set that it is in.
struct Element {
  std::string set;
  ElementValue value;
  auto operator<=>(const Element&) const = default;
};

/// A table of the family inet. It has an owner: the netlink socket that makes it. Others cannot change it, and the
/// kernel removes it with the last descriptor of that socket. Its chains at ingress are in a table of the family netdev
/// with the same name and owner: there they see every frame. Those of the family inet see no frame that is not, or not
/// yet, a packet of IP, such as one with two VLAN tags.
struct Table {
  std::string name;
  std::vector<Chain> chains;
  std::vector<Set> sets{};
};

/// Whether a chain is in the table of the family netdev.
bool is_of_device(const Chain& chain);

/// Whether the table is, or consists of two that are, of the family netdev, or inet. One without chains is of inet.
bool has_netdev_table(const Table& table);
bool has_inet_table(const Table& table);

/// The table, or both, as nft(8) reads it, with `flags owner`.
std::string text_of(const Table& table);
/// The element as nft(8) writes it: "0x70005000 : 10.77.0.5 . 80".
std::string text_of(const ElementValue& element);

}  // namespace podrun::pod::nft
