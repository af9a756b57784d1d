// The text of a pod's table. That nft(8) reads it as the kernel has it is a test of namespaces/network.
#include "pod/network/nft_table.hpp"

#include <gtest/gtest.h>

namespace podrun::pod::nft {
namespace {

IpPrefix prefix(const char* text) { return *parse_prefix(text); }

std::string text_of_rule(const Rule& rule) {
  const Chain chain{.name = "c", .type = ChainType::Filter, .hook = Hook::Input, .rules = {rule}};
  const auto text = text_of(Table{"t", {chain}});
  const auto begin = text.find("accept;\n    ") + 12;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(NftTable, TheTableIsWrittenAsNftReadsIt) {
  const Table table{"podrun5",
                    {{.name = "ingress",
                      .type = ChainType::Filter,
                      .hook = Hook::Ingress,
                      .device = "podrun5",
                      .rules = {{{Source{prefix("10.77.0.5/32"), true}}, Drop{}}, {{Family{IpFamily::V4}}, Accept{}}}},
                     {.name = "prerouting", .type = ChainType::Nat, .hook = Hook::Prerouting, .priority = -100}}};
  EXPECT_EQ(text_of(table),
            "table netdev podrun5 {\n"
            "  flags owner\n"
            "  chain ingress {\n"
            "    type filter hook ingress device \"podrun5\" priority 0; policy accept;\n"
            "    ip saddr != 10.77.0.5 drop\n"
            "    meta protocol ip accept\n"
            "  }\n"
            "}\n"
            "table inet podrun5 {\n"
            "  flags owner\n"
            "  chain prerouting {\n"
            "    type nat hook prerouting priority -100; policy accept;\n"
            "  }\n"
            "}\n");
}

TEST(NftTable, ATableOfOneFamilyIsOneTable) {
  const Table of_device{"t", {{.name = "c", .type = ChainType::Filter, .hook = Hook::Ingress, .device = "podrun5"}}};
  const Table of_inet{"t", {{.name = "c", .type = ChainType::Filter, .hook = Hook::Forward}}};
  EXPECT_FALSE(text_of(of_device).contains("table inet"));
  EXPECT_FALSE(text_of(of_inet).contains("table netdev"));
  EXPECT_EQ(text_of(Table{"t", {}}), "table inet t {\n  flags owner\n}\n");
}

TEST(NftTable, SetsAndTheirElements) {
  const Table table{"t", {}, {{"ports6", SetKind::PortsByMark, IpFamily::V6}, {"ends4", SetKind::Ends, IpFamily::V4}}};
  EXPECT_EQ(text_of(table), "table inet t {\n  flags owner\n"
                            "  map ports6 {\n    type mark : ipv6_addr . inet_service\n  }\n"
                            "  set ends4 {\n    type ipv4_addr . ipv4_addr\n  }\n}\n");
  EXPECT_EQ(text_of(ElementValue(PortOfMark{0x70005001, *parse_ip("fd77:1::5"), 80})), "0x70005001 : fd77:1::5 . 80");
  EXPECT_EQ(text_of(ElementValue(SameEnds{*parse_ip("10.77.0.5")})), "10.77.0.5 . 10.77.0.5");
}

TEST(NftTable, EachMatchHasItsWords) {
  const std::pair<Match, const char*> matches[] = {
      {InInterface{"podrun*"}, "iifname \"podrun*\""},
      {OutInterface{"eth0", true}, "oifname != \"eth0\""},
      {Family{IpFamily::V6}, "meta nfproto ipv6"},
      {Source{prefix("fe80::/10")}, "ip6 saddr fe80::/10"},
      {Destination{prefix("127.0.0.0/8"), true}, "ip daddr != 127.0.0.0/8"},
      {Protocol{17}, "meta l4proto udp"},
      {Protocol{200}, "meta l4proto 200"},
      {DestinationPort{80}, "th dport 80"},
      {IcmpType{IpFamily::V6, 134}, "icmpv6 type 134"},
      {LocalDestination{}, "fib daddr type local"},
      {ConnectionState{.is_established = true, .is_related = true}, "ct state established,related"},
      {ConnectionState{.is_invalid = true}, "ct state invalid"},
      {EndsInSet{IpFamily::V6, "ends6"}, "ip6 saddr . ip6 daddr @ends6"},
      {Translated{}, "ct status dnat"},
      {Translated{true}, "ct status ! dnat"},
      {SocketUser{70005}, "meta skuid 70005"},
      {SocketUser{70005, true}, "meta skuid != 70005"}};
  for (const auto& [match, text] : matches) EXPECT_EQ(text_of_rule({{match}, Drop{}}), std::string(text) + " drop");
}

TEST(NftTable, EachVerdictHasItsWords) {
  EXPECT_EQ(text_of_rule({{}, Accept{}}), "accept");
  EXPECT_EQ(text_of_rule({{}, Masquerade{}}), "masquerade");
  EXPECT_EQ(text_of_rule({{}, Translate{*parse_ip("10.77.0.5"), 80}}), "dnat ip to 10.77.0.5:80");
  EXPECT_EQ(text_of_rule({{}, Translate{*parse_ip("fd77:1::5"), 80}}), "dnat ip6 to [fd77:1::5]:80");
  EXPECT_EQ(text_of_rule({{}, TranslateByMark{IpFamily::V6, "ports6"}}), "dnat ip6 to socket mark map @ports6");
  EXPECT_EQ(text_of_rule({{}, StayIn{prefix("10.77.0.0/16")}}), "dnat ip prefix to 10.77.0.0/16");
}

}  // namespace
}  // namespace podrun::pod::nft
