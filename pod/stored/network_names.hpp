// The names of the members of networks: plans, facts, and the packet filter. Addresses are stored as text.
#pragma once

#include <string>
#include <string_view>

#include "pod/network/network_config.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/stored/codec.hpp"
#include "pod/stored/field_names.hpp"

namespace podrun::pod::stored {

template <>
struct Codec<IpAddress> {
  static void write(Writer& to, const IpAddress& value) { to.text(text_of(value)); }
  static void read(Reader& from, IpAddress& into) {
    const std::string_view text = from.text();
    if (const auto address = parse_ip(text)) into = *address;
    else from.note("follows what is no address: ", text);
  }
};
template <>
struct Codec<IpPrefix> {
  static void write(Writer& to, const IpPrefix& value) { to.text(text_of(value)); }
  static void read(Reader& from, IpPrefix& into) {
    const std::string_view text = from.text();
    if (const auto prefix = parse_prefix(text)) into = *prefix;
    else from.note("follows what is no prefix of addresses: ", text);
  }
};

// clang-format off
template <> inline constexpr auto field_names<Addresses> = fields("ipv4", "ipv6");
template <> inline constexpr auto field_names<PublishedPort> =
    fields("hostPort", "hostIP", "protocol", "containerPort", "container");
template <> inline constexpr auto field_names<NetworkPlan> =
    fields("container", "number", "interface", "addresses", "ports", "steps");
template <> inline constexpr auto field_names<NeededSetting> = fields("name", "value");
template <> inline constexpr auto field_names<NetworkFacts> =
    fields("hasPodsNetwork", "whyNot", "ipv4", "ipv6", "whyNoIpv4", "whyNoIpv6", "masqueradeIpv4", "masqueradeIpv6",
           "mtu", "settings", "closedIpv4", "closedIpv6", "dockerFamilies", "upstreams");

template <> inline constexpr auto field_names<nft::InInterface> = fields("name", "isNot");
template <> inline constexpr auto field_names<nft::OutInterface> = fields("name", "isNot");
template <> inline constexpr auto field_names<nft::Family> = fields("family");
template <> inline constexpr auto field_names<nft::Source> = fields("prefix", "isNot");
template <> inline constexpr auto field_names<nft::Destination> = fields("prefix", "isNot");
template <> inline constexpr auto field_names<nft::Protocol> = fields("number");
template <> inline constexpr auto field_names<nft::DestinationPort> = fields("port");
template <> inline constexpr auto field_names<nft::IcmpType> = fields("family", "type");
template <> inline constexpr auto field_names<nft::LocalDestination> = fields();
template <> inline constexpr auto field_names<nft::ConnectionState> =
    fields("isNew", "isEstablished", "isRelated", since("isInvalid", 5));
template <> inline constexpr auto field_names<nft::Translated> = fields("isNot");
template <> inline constexpr auto field_names<nft::SocketUser> = fields("uid", "isNot");
template <> inline constexpr auto field_names<nft::EndsInSet> = fields("family", "set");
template <> inline constexpr auto field_names<nft::Accept> = fields();
template <> inline constexpr auto field_names<nft::Drop> = fields();
template <> inline constexpr auto field_names<nft::Masquerade> = fields();
template <> inline constexpr auto field_names<nft::Translate> = fields("address", "port");
template <> inline constexpr auto field_names<nft::TranslateByMark> = fields("family", "map");
template <> inline constexpr auto field_names<nft::StayIn> = fields("prefix");
template <> inline constexpr auto field_names<nft::Rule> = fields("matches", "verdict");
template <> inline constexpr auto field_names<nft::Chain> =
    fields("name", "type", "hook", "priority", "device", "rules");
template <> inline constexpr auto field_names<nft::Table> = fields("name", "chains", since("sets", 5));
template <> inline constexpr auto field_names<nft::Set> = fields("name", "kind", "family");
template <> inline constexpr auto field_names<nft::PortOfMark> = fields("mark", "address", "port");
template <> inline constexpr auto field_names<nft::SameEnds> = fields("address");
template <> inline constexpr auto field_names<nft::Element> = fields("set", "value");

template <> inline constexpr std::array<std::string_view, 13> alternative_names<nft::Match>{
    "InInterface", "OutInterface", "Family", "Source", "Destination", "Protocol", "DestinationPort", "IcmpType",
    "LocalDestination", "ConnectionState", "Translated", "SocketUser", "EndsInSet"};
template <> inline constexpr std::array<std::string_view, 6> alternative_names<nft::Verdict>{
    "Accept", "Drop", "Masquerade", "Translate", "TranslateByMark", "StayIn"};
template <> inline constexpr std::array<std::string_view, 2> alternative_names<nft::ElementValue>{
    "PortOfMark", "SameEnds"};
template <> inline constexpr std::array<std::string_view, 9> alternative_names<NetworkStep>{
    "HostSetting", "Link", "PodEnd", "HostEnd", "Filter", "SharedFilter", "DockerRule", "ForgetConnections",
    "Resolver"};
// clang-format on

}  // namespace podrun::pod::stored
