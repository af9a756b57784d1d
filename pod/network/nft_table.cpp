// The table of a pod as text that nft(8) reads.
#include "pod/network/nft_table.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace podrun::pod::nft {
namespace {

/// The word of nft(8) for the packets of a family.
std::string_view word_of(IpFamily family) { return family == IpFamily::V4 ? "ip" : "ip6"; }

std::string_view negation(bool is_not) { return is_not ? "!= " : ""; }

/// A protocol by the name that nft(8) has for it; else its number.
std::string protocol_text(std::uint8_t number) {
  constexpr std::pair<std::uint8_t, std::string_view> names[] = {
      {1, "icmp"}, {6, "tcp"}, {17, "udp"}, {58, "ipv6-icmp"}, {132, "sctp"}};
  for (const auto& [known, name] : names)
    if (known == number) return std::string(name);
  return std::to_string(number);
}

std::string prefix_text(const IpPrefix& prefix) {
  return prefix.length == prefix.address.bits() ? text_of(prefix.address) : text_of(prefix);
}

std::string_view hook_text(Hook hook) {
  switch (hook) {
    case Hook::Ingress: return "ingress";
    case Hook::Prerouting: return "prerouting";
    case Hook::Input: return "input";
    case Hook::Forward: return "forward";
    case Hook::Output: return "output";
    case Hook::Postrouting: return "postrouting";
  }
  std::unreachable();
}

struct MatchText {
  bool of_device = false;

  std::string operator()(const InInterface& match) const {
    return fmt::format("iifname {}\"{}\"", negation(match.is_not), match.name);
  }
  std::string operator()(const OutInterface& match) const {
    return fmt::format("oifname {}\"{}\"", negation(match.is_not), match.name);
  }
  std::string operator()(const Family& match) const {
    if (of_device) return fmt::format("meta protocol {}", word_of(match.family));
    return fmt::format("meta nfproto {}", match.family == IpFamily::V4 ? "ipv4" : "ipv6");
  }
  std::string operator()(const Source& match) const {
    return fmt::format("{} saddr {}{}", word_of(match.prefix.address.family), negation(match.is_not),
                       prefix_text(match.prefix));
  }
  std::string operator()(const Destination& match) const {
    return fmt::format("{} daddr {}{}", word_of(match.prefix.address.family), negation(match.is_not),
                       prefix_text(match.prefix));
  }
  std::string operator()(const Protocol& match) const { return "meta l4proto " + protocol_text(match.number); }
  std::string operator()(const DestinationPort& match) const { return fmt::format("th dport {}", match.port); }
  std::string operator()(const IcmpType& match) const {
    return fmt::format("{} type {}", match.family == IpFamily::V4 ? "icmp" : "icmpv6", match.type);
  }
  std::string operator()(const LocalDestination&) const { return "fib daddr type local"; }
  std::string operator()(const ConnectionState& match) const {
    std::string states;
    for (const auto& [is_meant, name] : std::array<std::pair<bool, std::string_view>, 4>{
             {{match.is_established, "established"}, {match.is_related, "related"}, {match.is_new, "new"},
              {match.is_invalid, "invalid"}}})
      if (is_meant) states += fmt::format("{}{}", states.empty() ? "" : ",", name);
    return "ct state " + states;
  }
  std::string operator()(const Translated& match) const {
    return fmt::format("ct status {}dnat", match.is_not ? "! " : "");
  }
  std::string operator()(const SocketUser& match) const {
    return fmt::format("meta skuid {}{}", negation(match.is_not), match.uid);
  }
  std::string operator()(const EndsInSet& match) const {
    return fmt::format("{0} saddr . {0} daddr @{1}", word_of(match.family), match.set);
  }
};

struct VerdictText {
  std::string operator()(const Accept&) const { return "accept"; }
  std::string operator()(const Drop&) const { return "drop"; }
  std::string operator()(const Masquerade&) const { return "masquerade"; }
  std::string operator()(const Translate& verdict) const {
    const bool is_ipv6 = verdict.address.family == IpFamily::V6;
    return fmt::format("dnat {} to {}{}{}:{}", word_of(verdict.address.family), is_ipv6 ? "[" : "",
                       text_of(verdict.address), is_ipv6 ? "]" : "", verdict.port);
  }
  std::string operator()(const TranslateByMark& verdict) const {
    return fmt::format("dnat {} to socket mark map @{}", word_of(verdict.family), verdict.map);
  }
  std::string operator()(const StayIn& verdict) const {
    return fmt::format("dnat {} prefix to {}", word_of(verdict.prefix.address.family), text_of(verdict.prefix));
  }
};

std::string rule_text(const Rule& rule, bool of_device) {
  std::string text;
  for (const auto& match : rule.matches) text += std::visit(MatchText{of_device}, match) + " ";
  return text + std::visit(VerdictText{}, rule.verdict);
}

std::string set_text(const Set& set) {
  const std::string_view address = set.family == IpFamily::V4 ? "ipv4_addr" : "ipv6_addr";
  if (set.kind == SetKind::Ends)
    return fmt::format("  set {0} {{\n    type {1} . {1}\n  }}\n", set.name, address);
  return fmt::format("  map {} {{\n    type mark : {} . inet_service\n  }}\n", set.name, address);
}

std::string chain_text(const Chain& chain) {
  const std::string device = chain.device.empty() ? "" : fmt::format(" device \"{}\"", chain.device);
  std::string text = fmt::format("  chain {} {{\n    type {} hook {}{} priority {}; policy accept;\n", chain.name,
                                 chain.type == ChainType::Nat ? "nat" : "filter", hook_text(chain.hook), device,
                                 chain.priority);
  for (const auto& rule : chain.rules) text += fmt::format("    {}\n", rule_text(rule, is_of_device(chain)));
  return text + "  }\n";
}

}  // namespace

bool is_of_device(const Chain& chain) { return chain.hook == Hook::Ingress; }

bool has_netdev_table(const Table& table) { return std::ranges::any_of(table.chains, is_of_device); }

bool has_inet_table(const Table& table) {
  return table.chains.empty() || !std::ranges::all_of(table.chains, is_of_device);
}

std::string text_of(const Table& table) {
  const auto text_in = [&](std::string_view family, bool of_device) {
    std::string content;
    if (!of_device)
      for (const auto& set : table.sets) content += set_text(set);
    for (const auto& chain : table.chains)
      if (is_of_device(chain) == of_device) content += chain_text(chain);
    return fmt::format("table {} {} {{\n  flags owner\n{}}}\n", family, table.name, content);
  };
  return (has_netdev_table(table) ? text_in("netdev", true) : "") +
         (has_inet_table(table) ? text_in("inet", false) : "");
}

std::string text_of(const ElementValue& element) {
  if (const auto* port = std::get_if<PortOfMark>(&element))
    return fmt::format("0x{:08x} : {} . {}", port->mark, text_of(port->address), port->port);
  const IpAddress& address = std::get<SameEnds>(element).address;
  return fmt::format("{0} . {0}", text_of(address));
}

}  // namespace podrun::pod::nft
