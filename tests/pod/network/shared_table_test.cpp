// The packet filter that pods have in common, as nft(8) reads it.
#include "pod/network/shared_table.hpp"

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
  return facts;
}

/// The text without the name of the table.
std::string content_of(const nft::Table& table) {
  const std::string text = text_of(table);
  return text.substr(text.find('\n') + 1);
}

/// The rules of one chain, a line each.
std::string rules_of(nft::Table table, std::string_view chain) {
  std::erase_if(table.chains, [&](const nft::Chain& each) { return each.name != chain; });
  const std::string text = text_of(table);
  const std::size_t begin = text.find("policy accept;\n");
  return begin == text.npos ? "" : text.substr(begin + 15, text.find("  }\n", begin) - begin - 15);
}

PublishedPort port(std::uint16_t number, std::uint8_t protocol = IPPROTO_TCP, const char* address = nullptr) {
  return {.host_port = number,
          .host_ip = address == nullptr ? std::nullopt : parse_ip(address),
          .protocol = protocol,
          .container_port = static_cast<std::uint16_t>(number % 1000),
          .container = "app"};
}

std::string elements_of(const NetworkFacts& facts, std::vector<PublishedPort> ports) {
  const NetworkPlan network{.container = {},
                            .number = 5,
                            .interface = "podrun5",
                            .addresses = addresses_of(facts, 5),
                            .ports = std::move(ports),
                            .steps = {}};
  std::string text;
  for (const nft::Element& element : shared_elements(network))
    text += element.set + " " + text_of(element.value) + "\n";
  return text;
}

TEST(SharedTable, TheTableOfAllPods) {
  EXPECT_EQ(content_of(shared_table(host())), R"(  flags owner
  map ports4 {
    type mark : ipv4_addr . inet_service
  }
  set ends4 {
    type ipv4_addr . ipv4_addr
  }
  map ports6 {
    type mark : ipv6_addr . inet_service
  }
  set ends6 {
    type ipv6_addr . ipv6_addr
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    meta l4proto tcp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to socket mark map @ports4
    meta l4proto udp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to socket mark map @ports4
    meta l4proto tcp ip6 daddr != ::1 fib daddr type local dnat ip6 to socket mark map @ports6
    meta l4proto udp ip6 daddr != ::1 fib daddr type local dnat ip6 to socket mark map @ports6
  }
  chain output {
    type nat hook output priority -99; policy accept;
    ip daddr 10.77.0.0/16 ip daddr != 10.77.0.1 dnat ip prefix to 10.77.0.0/16
    ip6 daddr fd77:1:2:3::/64 ip6 daddr != fd77:1:2:3::1 dnat ip6 prefix to fd77:1:2:3::/64
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ct state established,related accept
    ct status dnat accept
    iifname "podrun*" ct state invalid drop
    oifname "podrun*" iifname != "podrun*" drop
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    iifname "podrun*" oifname != "podrun*" ip saddr 10.77.0.0/16 masquerade
    iifname "podrun*" ip saddr . ip daddr @ends4 masquerade
    iifname "podrun*" oifname != "podrun*" ip6 saddr fd77:1:2:3::/64 masquerade
    iifname "podrun*" ip6 saddr . ip6 daddr @ends6 masquerade
  }
}
)");
}

TEST(SharedTable, ItsNameIsThatOfItsContent) {
  const std::string name = shared_table(host()).name;
  EXPECT_EQ(name.size(), std::string_view("podrun-01234567").size()) << name;
  EXPECT_EQ(shared_table(host()).name, name);
  std::vector<NetworkFacts> others(4, host());
  others[0].ipv4 = parse_prefix("10.78.0.0/16");
  others[1].ipv6.reset();
  others[2].masquerade_ipv4 = false;
  others[3].closed_ipv4 = {"eth0"};
  for (const NetworkFacts& other : others) EXPECT_NE(shared_table(other).name, name);
  NetworkFacts elsewhere = host();
  elsewhere.mtu = 9000;
  elsewhere.upstreams = {"192.0.2.53"};
  EXPECT_EQ(shared_table(elsewhere).name, name) << "what no rule depends on";
}

TEST(SharedTable, AFamilyThatPodsDoNotHaveHasNoRule) {
  NetworkFacts facts = host();
  facts.ipv6.reset();
  EXPECT_EQ(content_of(shared_table(facts)).find("ip6 "), std::string::npos);
  EXPECT_EQ(shared_table(facts).sets.size(), 2U);
  facts = host();
  facts.ipv4.reset();
  EXPECT_EQ(content_of(shared_table(facts)).find("ip "), std::string::npos);
}

TEST(SharedTable, AFamilyIsMasqueradedOnlyIfItShallBe) {
  NetworkFacts facts = host();
  facts.masquerade_ipv4 = facts.masquerade_ipv6 = false;
  EXPECT_EQ(rules_of(shared_table(facts), "postrouting"), R"(    iifname "podrun*" ip saddr . ip daddr @ends4 masquerade
    iifname "podrun*" ip6 saddr . ip6 daddr @ends6 masquerade
)") << "what comes back to a pod from its own port of the host";
}

TEST(SharedTable, WherePodrunTurnsForwardingOnOthersAreNotForwarded) {
  NetworkFacts facts = host();
  facts.closed_ipv4 = {"eth0", "eth1"};
  facts.closed_ipv6 = {"eth1", "eth2"};
  const std::string others = rules_of(shared_table(host()), "forward");
  EXPECT_EQ(rules_of(shared_table(facts), "forward"),
            others + R"(    iifname "eth0" meta nfproto ipv4 oifname != "podrun*" drop
    iifname "eth1" oifname != "podrun*" drop
    iifname "eth2" meta nfproto ipv6 oifname != "podrun*" drop
)");
}

TEST(SharedElements, EachTranslatedPortHasOneForEachFamily) {
  EXPECT_EQ(elements_of(host(), {port(8080), port(2053, IPPROTO_UDP, "192.0.2.1"), port(84, IPPROTO_TCP, "127.0.0.1"),
                                 port(3009, IPPROTO_SCTP, "2001:db8::1"), port(83, IPPROTO_TCP, "::")}),
            R"(ports4 0x70005000 : 10.77.0.5 . 80
ports4 0x70005001 : 10.77.0.5 . 53
ends4 10.77.0.5 . 10.77.0.5
ports6 0x70005000 : fd77:1:2:3::5 . 80
ports6 0x70005003 : fd77:1:2:3::5 . 9
ports6 0x70005004 : fd77:1:2:3::5 . 83
ends6 fd77:1:2:3::5 . fd77:1:2:3::5
)");
}

TEST(SharedElements, APodWithoutTranslatedPortsHasNone) {
  EXPECT_EQ(elements_of(host(), {}), "");
  EXPECT_EQ(elements_of(host(), {port(84, IPPROTO_TCP, "127.0.0.1"), port(84, IPPROTO_UDP, "::1")}), "");
}

TEST(SharedElements, NoTwoPortsHaveTheSameMark) {
  EXPECT_EQ(port_mark(most_number, most_ports - 1), 0x7fffdfffU);
  EXPECT_NE(port_mark(5, most_ports - 1), port_mark(6, 0));
  EXPECT_EQ(number_of_mark(port_mark(most_number, most_ports - 1)), most_number);
}

}  // namespace
}  // namespace podrun::pod
