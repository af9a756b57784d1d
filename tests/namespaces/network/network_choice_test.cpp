// Which subnets, parameters and resolvers pods use.
#include "namespaces/network/network_choice.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace podrun::ns {
namespace {

pod::IpPrefix prefix(const char* text) { return pod::parse_prefix(text).value(); }
HostRoute route(const char* to, const char* interface = "eth0") { return {interface, prefix(to)}; }
std::string text_of(const Subnet& subnet) { return subnet ? pod::text_of(*subnet) : subnet.error(); }

// ---- subnets ----

TEST(NetworkChoice, TheFirstSubnetIsThatOfAHostWithoutRoutes) {
  EXPECT_EQ(text_of(choose_ipv4({}, {})), "10.77.0.0/16");
}

TEST(NetworkChoice, ASubnetThatTheHostRoutesIsPassedOver) {
  EXPECT_EQ(text_of(choose_ipv4({}, {route("10.77.3.0/24"), route("10.78.0.0/15")})), "10.80.0.0/16");
}

TEST(NetworkChoice, RoutesToPodsAndDefaultRoutesAreNotInTheWay) {
  EXPECT_EQ(text_of(choose_ipv4({}, {route("10.77.0.5/32", "podrun5"), route("0.0.0.0/0"), route("0.0.0.0/1", "tun0"),
                                     route("8.0.0.0/5", "tun0")})),
            "10.77.0.0/16");
  EXPECT_EQ(text_of(choose_ipv6(prefix("fd01::/64"), {route("::/0"), route("fd01::5/128", "podrun5")}, "")),
            "fd01::/64");
}

TEST(NetworkChoice, AHostThatRoutesAllCandidatesIsToldToChoose) {
  EXPECT_EQ(text_of(choose_ipv4({}, {route("10.0.0.0/8", "tun0")})),
            "routes of the host, such as 10.0.0.0/8 (tun0), overlap all of 10.77.0.0/16 … 10.127.0.0/16: choose the "
            "subnet of pods as ipv4.subnet in /etc/podrun/network.yaml");
}

TEST(NetworkChoice, AConfiguredSubnetThatTheHostRoutesIsAnError) {
  EXPECT_EQ(text_of(choose_ipv4(prefix("10.5.0.0/16"), {route("10.0.0.0/8", "tun0")})),
            "the host's route 10.0.0.0/8 (tun0) overlaps the subnet of pods 10.5.0.0/16: choose another one as "
            "ipv4.subnet in /etc/podrun/network.yaml");
  EXPECT_EQ(text_of(choose_ipv6(prefix("fd01::/64"), {route("fd01::/48")}, "")),
            "the host's route fd01::/48 (eth0) overlaps the subnet of pods fd01::/64: choose another one as "
            "ipv6.subnet in /etc/podrun/network.yaml");
  EXPECT_EQ(text_of(choose_ipv4(prefix("10.5.0.0/16"), {route("10.77.0.0/16")})), "10.5.0.0/16");
}

TEST(NetworkChoice, EachHostHasItsOwnIpv6Subnet) {
  const auto one = ipv6_candidates("0c5a0c5a0c5a0c5a0c5a0c5a0c5a0c5a"), other = ipv6_candidates("0c5a0c5a0c5a0c5b");
  EXPECT_EQ(one, ipv6_candidates("0c5a0c5a0c5a0c5a0c5a0c5a0c5a0c5a")) << "the same after a reboot";
  EXPECT_NE(one.front(), other.front());
  EXPECT_TRUE(contains(prefix("fd00::/8"), one.front().address));
  EXPECT_EQ(one.front().length, 64U);
  EXPECT_TRUE(pod::text_of(one.front()).ends_with(":77::/64")) << pod::text_of(one.front());
}

// podrun in a pod of podrun: both have the id of one machine.
TEST(NetworkChoice, ARoutedIpv6SubnetOfTheHostsOwnIsPassedOver) {
  const auto candidates = ipv6_candidates("seed");
  const HostRoute gateway{"eth0", only(nth_address(candidates.front(), 1))};
  EXPECT_EQ(text_of(choose_ipv6({}, {gateway}, "seed")), pod::text_of(candidates[1]));
}

// ---- IPv6 ----

TEST(NetworkChoice, PodsHaveIpv6WhereTheHostHasIt) {
  const InterfaceAddress wide{"eth0", pod::parse_ip("2001:db8::2").value(), true};
  const InterfaceAddress link_local{"eth0", pod::parse_ip("fe80::1").value(), false};
  const InterfaceAddress of_a_pod{"podrun5", pod::parse_ip("fd01::1").value(), true};
  const std::string none = "the host has no IPv6 address but loopback and link-local ones, and does not forward IPv6";
  EXPECT_EQ(why_no_ipv6({.exists = true, .addresses = {link_local, wide}}), "");
  EXPECT_EQ(why_no_ipv6({.exists = true, .is_forwarded = true}), "");
  EXPECT_EQ(why_no_ipv6({.exists = true, .has_pods = true}), "");
  EXPECT_EQ(why_no_ipv6({.exists = true, .addresses = {link_local, of_a_pod}}), none);
  EXPECT_EQ(why_no_ipv6({.exists = true, .disabled_by = "net.ipv6.conf.all.disable_ipv6", .addresses = {wide}}),
            "IPv6 is switched off: net.ipv6.conf.all.disable_ipv6 is 1");
  EXPECT_EQ(why_no_ipv6({}), "the kernel has no IPv6");
}

TEST(NetworkChoice, UplinksHaveADefaultRouteOrALearntOne) {
  const HostRoute learnt{"eth2", prefix("2001:db8::/64"), true};
  EXPECT_EQ(uplinks({route("0.0.0.0/0", "eth1"), route("192.0.2.0/24", "eth3")},
                    {route("::/0", "eth1"), learnt, route("::/0", "podrun5")}),
            (std::vector<std::string>{"eth1", "eth2"}));
}

TEST(NetworkChoice, UplinksHearRoutersBeforeForwardingIsOn) {
  EXPECT_EQ(ipv6_forwarding_settings({{"eth0", false, 1}, {"eth1", false, 0}, {"eth2", false, 2}, {"eth3", true, 1}}),
            (std::vector<pod::NeededSetting>{{"net/ipv6/conf/eth0/accept_ra", "2"},
                                             {"net/ipv6/conf/all/forwarding", "1"}}));
}

// ---- resolvers ----

TEST(NetworkChoice, UpstreamsAreNoLoopbackAddressesIfThereAreOthers) {
  using Servers = std::vector<std::string>;
  EXPECT_EQ(choose_upstreams({"192.0.2.1", "127.0.0.53", "2001:db8::1"}, {"192.0.2.9"}),
            (Servers{"192.0.2.1", "2001:db8::1"}));
  EXPECT_EQ(choose_upstreams({"127.0.0.53", "::1"}, {"192.0.2.9", "fe80::1%eth0"}),
            (Servers{"192.0.2.9", "fe80::1%eth0"}));
  EXPECT_EQ(choose_upstreams({"127.0.0.1"}, {}), (Servers{"127.0.0.1"}));
  EXPECT_EQ(choose_upstreams({"localhost", "192.0.2.1"}, {}), (Servers{"192.0.2.1"}));
  EXPECT_EQ(choose_upstreams({}, {}), Servers{});
}

}  // namespace
}  // namespace podrun::ns
