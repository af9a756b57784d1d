// The packet filter of one pod, as nft(8) reads it.
#include "pod/network/pod_table.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>

#include <algorithm>

#include "pod/network/addresses.hpp"

namespace podrun::pod {
namespace {

NetworkFacts host() {
  NetworkFacts facts;
  facts.ipv4 = parse_prefix("10.77.0.0/16");
  facts.ipv6 = parse_prefix("fd77:1:2:3::/64");
  facts.upstreams = {"192.0.2.53", "2001:db8::53", "fe80::53%eth0", "none"};
  return facts;
}

NetworkPlan network_of(const NetworkFacts& facts, std::vector<PublishedPort> ports) {
  return {.container = {},
          .number = 5,
          .interface = "podrun5",
          .addresses = addresses_of(facts, 5),
          .ports = std::move(ports),
          .steps = {}};
}

nft::Table made_of(const NetworkFacts& facts, std::vector<PublishedPort> ports = {}) {
  return pod_table(network_of(facts, std::move(ports)));
}

PublishedPort port(std::uint16_t number, std::uint8_t protocol = IPPROTO_TCP, const char* address = nullptr) {
  return {.host_port = number,
          .host_ip = address == nullptr ? std::nullopt : parse_ip(address),
          .protocol = protocol,
          .container_port = 80,
          .container = "app"};
}

/// The rules of one chain, a line each; "" if the table does not have it.
std::string rules_of(nft::Table table, std::string_view chain) {
  std::erase_if(table.chains, [&](const nft::Chain& each) { return each.name != chain; });
  const std::string text = text_of(table);
  const std::size_t begin = text.find("policy accept;\n");
  return begin == text.npos ? "" : text.substr(begin + 15, text.find("  }\n") - begin - 15);
}

TEST(PodTable, APlainPodsTable) {
  EXPECT_EQ(text_of(made_of(host())), R"(table netdev podrun5 {
  flags owner
  chain ingress {
    type filter hook ingress device "podrun5" priority 0; policy accept;
    ip saddr != 10.77.0.5 drop
    ip daddr 127.0.0.0/8 drop
    ip daddr 224.0.0.0/3 drop
    meta protocol ip accept
    ip6 saddr != fd77:1:2:3::5 drop
    ip6 daddr ::1 drop
    ip6 daddr ff00::/8 ip6 daddr != ff02::1:ff00:0/104 drop
    meta protocol ip6 accept
    drop
  }
}
)");
}

constexpr std::string_view rule_of_sctp =
    "    th dport 9 meta l4proto sctp ip6 daddr 2001:db8::1 fib daddr type local dnat ip6 to [fd77:1:2:3::5]:80\n";
constexpr std::string_view rules_of_others =
    R"(    th dport 8080 meta l4proto tcp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to 10.77.0.5:80
    th dport 8080 meta l4proto tcp ip6 daddr != ::1 fib daddr type local dnat ip6 to [fd77:1:2:3::5]:80
    th dport 53 meta l4proto udp ip daddr 192.0.2.1 fib daddr type local dnat ip to 10.77.0.5:80
    th dport 82 meta l4proto tcp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to 10.77.0.5:80
    th dport 83 meta l4proto tcp ip6 daddr != ::1 fib daddr type local dnat ip6 to [fd77:1:2:3::5]:80
)";

std::vector<PublishedPort> ports_of_all_kinds() {
  return {port(9, IPPROTO_SCTP, "2001:db8::1"), port(8080), port(53, IPPROTO_UDP, "192.0.2.1"),
          port(82, IPPROTO_TCP, "0.0.0.0"), port(83, IPPROTO_TCP, "::"), port(84, IPPROTO_TCP, "127.0.0.1"),
          port(85, IPPROTO_TCP, "::1")};
}

TEST(PodTable, ProgramsOfTheHostReachPortsOfAllKinds) {
  const nft::Table table = made_of(host(), ports_of_all_kinds());
  EXPECT_EQ(rules_of(table, "output"), std::string(rule_of_sctp) + std::string(rules_of_others));
  EXPECT_EQ(rules_of(table, "postrouting"), "");
}

TEST(PodTable, OthersReachPortsOfSctpByItAndThoseOfTcpAndUdpByTheirSockets) {
  EXPECT_EQ(rules_of(made_of(host(), ports_of_all_kinds()), "prerouting"), rule_of_sctp);
  EXPECT_EQ(rules_of(made_of(host(), {port(8080)}), "prerouting"), "");
}

TEST(PodTable, WithoutSocketsItLeadsAllToThePod) {
  const nft::Table table = table_without_sockets(network_of(host(), ports_of_all_kinds()));
  EXPECT_EQ(rules_of(table, "prerouting"), std::string(rule_of_sctp) + std::string(rules_of_others));
  EXPECT_EQ(rules_of(table, "output"), rules_of(table, "prerouting"));
  EXPECT_EQ(rules_of(table, "postrouting"), R"(    ip saddr 10.77.0.5 oifname "podrun5" masquerade
    ip6 saddr fd77:1:2:3::5 oifname "podrun5" masquerade
)");
}

TEST(PodTable, APortOfALoopbackAddressHasNoRule) {
  const nft::Table table = made_of(host(), {port(8080, IPPROTO_TCP, "127.0.0.1"), port(8080, IPPROTO_TCP, "::1")});
  EXPECT_EQ(text_of(table), text_of(made_of(host())));
}

TEST(PodTable, WithIpv4AloneNothingOfIpv6ComesIn) {
  NetworkFacts facts = host();
  facts.ipv6.reset();
  const nft::Table table = made_of(facts, {port(8080)});
  EXPECT_EQ(rules_of(table, "ingress"), R"(    ip saddr != 10.77.0.5 drop
    ip daddr 127.0.0.0/8 drop
    ip daddr 224.0.0.0/3 drop
    meta protocol ip accept
    drop
)");
  EXPECT_EQ(rules_of(table, "output"),
            "    th dport 8080 meta l4proto tcp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to "
            "10.77.0.5:80\n");
}

TEST(PodTable, WithIpv6AloneNothingOfIpv4ComesIn) {
  NetworkFacts facts = host();
  facts.ipv4.reset();
  EXPECT_EQ(rules_of(made_of(facts), "ingress"), R"(    ip6 saddr != fd77:1:2:3::5 drop
    ip6 daddr ::1 drop
    ip6 daddr ff00::/8 ip6 daddr != ff02::1:ff00:0/104 drop
    meta protocol ip6 accept
    drop
)");
}

TEST(PodTable, TheResolverReachesItsUpstreamsOnly) {
  const NetworkPlan network{.number = 5, .interface = "podrun5"};
  EXPECT_EQ(text_of(resolver_table(network, {"192.0.2.53", "2001:db8::53", "fe80::53%eth0", "none"})),
            R"(table inet podrun5-resolver {
  flags owner
  chain output {
    type nat hook output priority -101; policy accept;
    meta skuid != 2147100005 accept
    ip daddr 192.0.2.53 meta l4proto udp th dport 53 accept
    ip daddr 192.0.2.53 meta l4proto tcp th dport 53 accept
    ip6 daddr 2001:db8::53 meta l4proto udp th dport 53 accept
    ip6 daddr 2001:db8::53 meta l4proto tcp th dport 53 accept
    ip6 daddr fe80::53 meta l4proto udp th dport 53 accept
    ip6 daddr fe80::53 meta l4proto tcp th dport 53 accept
    meta skuid 2147100005 drop
  }
}
)");
}

TEST(PodTable, TheForwarderReachesPodsOnly) {
  const NetworkPlan network{.number = 5, .interface = "podrun5"};
  EXPECT_EQ(text_of(forwarder_table(network)), R"(table inet podrun5-forwarder {
  flags owner
  chain output {
    type nat hook output priority -101; policy accept;
    oifname != "podrun*" meta skuid 2147000003 drop
  }
}
)");
}

}  // namespace
}  // namespace podrun::pod
