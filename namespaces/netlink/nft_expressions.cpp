// The expressions of nf_tables that a rule consists of.
#include "namespaces/netlink/nft_expressions.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>

#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <string>
#include <variant>

namespace podrun::ns {
namespace {

namespace nft = pod::nft;

constexpr std::uint32_t destination_port_offset = 2;  // of TCP, UDP and SCTP alike

/// The bits of NFT_CT_STATE, as the kernel's NF_CT_STATE_BIT makes them.
constexpr std::uint32_t state_bit(ip_conntrack_info state) { return 1U << (state % IP_CT_IS_REPLY + 1); }

constexpr std::uint32_t invalid_bit = 1;  // NF_CT_STATE_INVALID_BIT

/// The number that nf_tables has for a family.
std::uint8_t number_of(pod::IpFamily family) {
  return family == pod::IpFamily::V4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

void add_number(NetlinkBatch& batch, int type, std::uint32_t value) { batch.add_value(type, htonl(value)); }

void add_data(NetlinkBatch& batch, int type, Bytes value) {
  batch.nest(type, [&] { batch.add(NFTA_DATA_VALUE, value); });
}

/// One expression: its name, and the attributes that `fill` adds.
template <typename Fill>
void add_expression(NetlinkBatch& batch, const char* name, Fill fill) {
  batch.nest(NFTA_LIST_ELEM, [&] {
    batch.add_text(NFTA_EXPR_NAME, name);
    batch.nest(NFTA_EXPR_DATA, fill);
  });
}

void compare(NetlinkBatch& batch, Bytes value, bool is_not = false) {
  add_expression(batch, "cmp", [&] {
    add_number(batch, NFTA_CMP_SREG, NFT_REG_1);
    add_number(batch, NFTA_CMP_OP, is_not ? NFT_CMP_NEQ : NFT_CMP_EQ);
    add_data(batch, NFTA_CMP_DATA, value);
  });
}

/// Keeps the bits of the register that are set in the mask.
void keep_bits(NetlinkBatch& batch, Bytes mask) {
  const std::array<std::byte, 16> zero{};
  add_expression(batch, "bitwise", [&] {
    add_number(batch, NFTA_BITWISE_SREG, NFT_REG_1);
    add_number(batch, NFTA_BITWISE_DREG, NFT_REG_1);
    add_number(batch, NFTA_BITWISE_LEN, static_cast<std::uint32_t>(mask.size()));
    add_data(batch, NFTA_BITWISE_MASK, mask);
    add_data(batch, NFTA_BITWISE_XOR, Bytes(zero).first(mask.size()));
  });
}

void load_meta(NetlinkBatch& batch, nft_meta_keys key) {
  add_expression(batch, "meta", [&] {
    add_number(batch, NFTA_META_DREG, NFT_REG_1);
    add_number(batch, NFTA_META_KEY, key);
  });
}

void load_payload(NetlinkBatch& batch, nft_payload_bases base, std::uint32_t offset, std::uint32_t length,
                  std::uint32_t target = NFT_REG_1) {
  add_expression(batch, "payload", [&] {
    add_number(batch, NFTA_PAYLOAD_DREG, target);
    add_number(batch, NFTA_PAYLOAD_BASE, base);
    add_number(batch, NFTA_PAYLOAD_OFFSET, offset);
    add_number(batch, NFTA_PAYLOAD_LEN, length);
  });
}

void load_connection(NetlinkBatch& batch, nft_ct_keys key) {
  add_expression(batch, "ct", [&] {
    add_number(batch, NFTA_CT_DREG, NFT_REG_1);
    add_number(batch, NFTA_CT_KEY, key);
  });
}

void match_interface(NetlinkBatch& batch, nft_meta_keys key, const std::string& name, bool is_not) {
  std::array<char, IFNAMSIZ> padded{};
  const bool is_prefix = name.ends_with('*');
  const std::size_t length = name.copy(padded.data(), is_prefix ? std::min(name.size() - 1, padded.size())
                                                                : padded.size() - 1);
  load_meta(batch, key);
  compare(batch, bytes_of(padded).first(is_prefix ? length : padded.size()), is_not);
}

void match_family(NetlinkBatch& batch, pod::IpFamily family, bool of_device) {
  load_meta(batch, of_device ? NFT_META_PROTOCOL : NFT_META_NFPROTO);
  if (of_device) compare(batch, bytes_of(htons(family == pod::IpFamily::V4 ? ETH_P_IP : ETH_P_IPV6)));
  else compare(batch, bytes_of(number_of(family)));
}

/// Where the addresses lie in a header.
struct AddressOffsets {
  std::uint32_t ipv4, ipv6;
};
constexpr AddressOffsets source_offsets{12, 8}, destination_offsets{16, 24};

/// Of a prefix of whole octets these alone are loaded; else the rest is masked.
void match_prefix(NetlinkBatch& batch, const AddressOffsets& offsets, const pod::IpPrefix& prefix, bool is_not,
                  bool of_device) {
  const pod::IpFamily family = prefix.address.family;
  const std::size_t all = prefix.address.bytes().size();
  const bool has_whole_octets = prefix.length > 0 && prefix.length % 8 == 0;
  const std::size_t length = has_whole_octets ? prefix.length / 8 : all;
  match_family(batch, family, of_device);
  load_payload(batch, NFT_PAYLOAD_NETWORK_HEADER, family == pod::IpFamily::V4 ? offsets.ipv4 : offsets.ipv6,
               static_cast<std::uint32_t>(length));
  if (!has_whole_octets) {
    std::array<std::uint8_t, 16> mask{};
    for (std::size_t bit = 0; bit < prefix.length; ++bit) mask[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
    keep_bits(batch, bytes_of(mask).first(all));
  }
  compare(batch, std::as_bytes(prefix.address.bytes()).first(length), is_not);
}

/// The register after an address that is in register 1.
std::uint32_t register_after_address(pod::IpFamily family) {
  return family == pod::IpFamily::V4 ? std::uint32_t{NFT_REG32_01} : std::uint32_t{NFT_REG_2};
}

/// Looks up what is in register 1, and for a map puts what it has for that there.
void look_up(NetlinkBatch& batch, const std::string& set, bool is_map) {
  add_expression(batch, "lookup", [&] {
    batch.add_text(NFTA_LOOKUP_SET, set);
    add_number(batch, NFTA_LOOKUP_SREG, NFT_REG_1);
    if (is_map) add_number(batch, NFTA_LOOKUP_DREG, NFT_REG_1);
  });
}

void match_protocol(NetlinkBatch& batch, std::uint8_t protocol) {
  load_meta(batch, NFT_META_L4PROTO);
  compare(batch, bytes_of(protocol));
}

struct EncodeMatch {
  NetlinkBatch& batch;
  bool of_device;

  void operator()(const nft::InInterface& match) { match_interface(batch, NFT_META_IIFNAME, match.name, match.is_not); }
  void operator()(const nft::OutInterface& match) {
    match_interface(batch, NFT_META_OIFNAME, match.name, match.is_not);
  }
  void operator()(const nft::Family& match) { match_family(batch, match.family, of_device); }
  void operator()(const nft::Source& match) {
    match_prefix(batch, source_offsets, match.prefix, match.is_not, of_device);
  }
  void operator()(const nft::Destination& match) {
    match_prefix(batch, destination_offsets, match.prefix, match.is_not, of_device);
  }
  void operator()(const nft::Protocol& match) { match_protocol(batch, match.number); }
  void operator()(const nft::DestinationPort& match) {
    load_payload(batch, NFT_PAYLOAD_TRANSPORT_HEADER, destination_port_offset, sizeof match.port);
    compare(batch, bytes_of(htons(match.port)));
  }
  void operator()(const nft::IcmpType& match) {
    match_family(batch, match.family, of_device);
    const bool is_ipv4 = match.family == pod::IpFamily::V4;
    match_protocol(batch, is_ipv4 ? std::uint8_t{IPPROTO_ICMP} : std::uint8_t{IPPROTO_ICMPV6});
    load_payload(batch, NFT_PAYLOAD_TRANSPORT_HEADER, 0, sizeof match.type);
    compare(batch, bytes_of(match.type));
  }
  void operator()(const nft::LocalDestination&) {
    add_expression(batch, "fib", [&] {
      add_number(batch, NFTA_FIB_DREG, NFT_REG_1);
      add_number(batch, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
      add_number(batch, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
    });
    compare(batch, bytes_of(std::uint32_t{RTN_LOCAL}));
  }
  void operator()(const nft::ConnectionState& match) {
    load_connection(batch, NFT_CT_STATE);
    keep_bits(batch, bytes_of((match.is_new ? state_bit(IP_CT_NEW) : 0) |
                              (match.is_established ? state_bit(IP_CT_ESTABLISHED) : 0) |
                              (match.is_related ? state_bit(IP_CT_RELATED) : 0) |
                              (match.is_invalid ? invalid_bit : 0)));
    compare(batch, bytes_of(std::uint32_t{0}), true);
  }
  void operator()(const nft::Translated& match) {
    load_connection(batch, NFT_CT_STATUS);
    keep_bits(batch, bytes_of(std::uint32_t{IPS_DST_NAT}));
    compare(batch, bytes_of(std::uint32_t{0}), !match.is_not);
  }
  void operator()(const nft::SocketUser& match) {
    load_meta(batch, NFT_META_SKUID);
    compare(batch, bytes_of(match.uid), match.is_not);
  }
  void operator()(const nft::EndsInSet& match) {
    const bool is_ipv4 = match.family == pod::IpFamily::V4;
    const std::uint32_t length = is_ipv4 ? sizeof(in_addr) : sizeof(in6_addr);
    match_family(batch, match.family, of_device);
    load_payload(batch, NFT_PAYLOAD_NETWORK_HEADER, is_ipv4 ? source_offsets.ipv4 : source_offsets.ipv6, length);
    load_payload(batch, NFT_PAYLOAD_NETWORK_HEADER, is_ipv4 ? destination_offsets.ipv4 : destination_offsets.ipv6,
                 length, register_after_address(match.family));
    look_up(batch, match.set, false);
  }
};

void set_register(NetlinkBatch& batch, nft_registers target, Bytes value) {
  add_expression(batch, "immediate", [&] {
    add_number(batch, NFTA_IMMEDIATE_DREG, target);
    add_data(batch, NFTA_IMMEDIATE_DATA, value);
  });
}

struct EncodeVerdict {
  NetlinkBatch& batch;

  void end_with(std::uint32_t code) {
    add_expression(batch, "immediate", [&] {
      add_number(batch, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
      batch.nest(NFTA_IMMEDIATE_DATA, [&] {
        batch.nest(NFTA_DATA_VERDICT, [&] { add_number(batch, NFTA_VERDICT_CODE, code); });
      });
    });
  }
  void operator()(const nft::Accept&) { end_with(NF_ACCEPT); }
  void operator()(const nft::Drop&) { end_with(NF_DROP); }
  void operator()(const nft::Masquerade&) {
    add_expression(batch, "masq", [] {});
  }
  void operator()(const nft::Translate& verdict) {
    set_register(batch, NFT_REG_1, std::as_bytes(verdict.address.bytes()));
    set_register(batch, NFT_REG_2, bytes_of(htons(verdict.port)));
    translate(verdict.address.family, NFT_REG_2);
  }
  void operator()(const nft::TranslateByMark& verdict) {
    add_expression(batch, "socket", [&] {
      add_number(batch, NFTA_SOCKET_KEY, NFT_SOCKET_MARK);
      add_number(batch, NFTA_SOCKET_DREG, NFT_REG_1);
    });
    look_up(batch, verdict.map, true);
    translate(verdict.family, register_after_address(verdict.family));
  }
  void operator()(const nft::StayIn& verdict) {
    const pod::IpAddress& first = verdict.prefix.address;
    pod::IpAddress last = first;
    for (unsigned bit = verdict.prefix.length; bit < first.bits(); ++bit)
      last.octets[bit / 8] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
    set_register(batch, NFT_REG_1, std::as_bytes(first.bytes()));
    set_register(batch, NFT_REG_2, std::as_bytes(last.bytes()));
    add_expression(batch, "nat", [&] {
      add_number(batch, NFTA_NAT_TYPE, NFT_NAT_DNAT);
      add_number(batch, NFTA_NAT_FAMILY, number_of(first.family));
      add_number(batch, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
      add_number(batch, NFTA_NAT_REG_ADDR_MAX, NFT_REG_2);
      add_number(batch, NFTA_NAT_FLAGS, NF_NAT_RANGE_NETMAP);
    });
  }
  /// The address is in register 1.
  void translate(pod::IpFamily family, std::uint32_t port_register) {
    add_expression(batch, "nat", [&] {
      add_number(batch, NFTA_NAT_TYPE, NFT_NAT_DNAT);
      add_number(batch, NFTA_NAT_FAMILY, number_of(family));
      add_number(batch, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
      add_number(batch, NFTA_NAT_REG_PROTO_MIN, port_register);
      add_number(batch, NFTA_NAT_FLAGS, NF_NAT_RANGE_PROTO_SPECIFIED);
    });
  }
};

}  // namespace

void encode_match(NetlinkBatch& batch, const nft::Match& match, bool of_device) {
  std::visit(EncodeMatch{batch, of_device}, match);
}

void encode_verdict(NetlinkBatch& batch, const nft::Verdict& verdict) { std::visit(EncodeVerdict{batch}, verdict); }

}  // namespace podrun::ns
