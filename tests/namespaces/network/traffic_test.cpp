// What reaches a pod, and what does not: from the host, from other pods, from a client, in both families.
#include <netinet/in.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

constexpr TestPort tcp_port{IPPROTO_TCP, 8080, 80}, udp_port{IPPROTO_UDP, 5000, 500};

/// The addresses of the world in one family.
struct Addresses {
  const char *host, *client, *any, *pod, *other;
};
constexpr Addresses families[] = {{host_ipv4, client_ipv4, "0.0.0.0", "10.77.0.5", "10.77.0.6"},
                                  {host_ipv6, client_ipv6, "::", "fd77:1::5", "fd77:1::6"}};

class RootPodTraffic : public testing::TestWithParam<Addresses> {
 protected:
  const Addresses& to_ = GetParam();
  NetworkWorld world_;
  TestPod pod_ = world_.add_pod(5, {tcp_port, udp_port}), other_ = world_.add_pod(6);
  Fd web_ = pod_.network.listener(to_.any, 80);
  Fd inbox_ = pod_.network.datagrams(to_.any, 500);

  /// Whether the pod's next datagram has this text.
  testing::AssertionResult hears(const std::string& text) {
    last_ = next_datagram(inbox_);
    if (last_ && last_->text == text) return testing::AssertionSuccess();
    return testing::AssertionFailure() << (last_ ? last_->text : "nothing arrived");
  }
  std::optional<Datagram> last_;
};

TEST_P(RootPodTraffic, TheHostReachesThePodAndThePodTheHost) {
  const Fd server = world_.host.listener(to_.any, 90);
  EXPECT_TRUE(world_.host.connects(to_.pod, 80));
  EXPECT_TRUE(pod_.network.connects(to_.host, 90));
}

TEST_P(RootPodTraffic, PodsReachEachOther) {
  const Fd sender = other_.network.datagrams(to_.any, 0);
  EXPECT_TRUE(other_.network.connects(to_.pod, 80));
  EXPECT_EQ(send_to(sender, to_.pod, 500, "hello"), 0);
  EXPECT_TRUE(hears("hello"));
  EXPECT_EQ(last_->from, to_.other);
}

TEST_P(RootPodTraffic, AClientReachesThePodByTheHostsPortAndKeepsItsAddress) {
  const Fd sender = world_.client.datagrams(to_.any, 0);
  EXPECT_TRUE(world_.client.connects(to_.host, 8080));
  EXPECT_EQ(send_to(sender, to_.host, 5000, "hello"), 0);
  EXPECT_TRUE(hears("hello"));
  EXPECT_EQ(last_->from, to_.client);
  EXPECT_EQ(send_to(inbox_, last_->from, last_->port, "answer"), 0);
  const auto answer = next_datagram(sender);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->from, to_.host);
  EXPECT_EQ(answer->port, 5000);
}

TEST_P(RootPodTraffic, TheHostsPortAnswersTheHostOtherPodsAndThePodItself) {
  EXPECT_TRUE(world_.host.connects(to_.host, 8080));
  EXPECT_TRUE(other_.network.connects(to_.host, 8080));
  EXPECT_TRUE(pod_.network.connects(to_.host, 8080));
}

TEST_P(RootPodTraffic, TheGatewaysAddressIsOneOfTheHost) {
  const char* const gateway = to_.any[0] == ':' ? "fd77:1::1" : "10.77.0.1";
  for (const TestNetwork* from : {&world_.host, &other_.network, &pod_.network})
    EXPECT_TRUE(from->connects(gateway, 8080));
}

TEST_P(RootPodTraffic, WhatLeavesTheHostHasItsAddress) {
  const Fd inbox = world_.client.datagrams(to_.any, 700);
  EXPECT_EQ(send_to(inbox_, to_.client, 700, "hello"), 0);
  const auto heard = next_datagram(inbox);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->from, to_.host);
  EXPECT_EQ(send_to(inbox, heard->from, heard->port, "answer"), 0);
  EXPECT_TRUE(hears("answer"));
}

TEST_P(RootPodTraffic, APortThatIsNotPublishedIsOutOfTheClientsReach) {
  for (const char* network : {"10.77.0.0/16", "fd77:1::/64"})
    world_.client.run({"ip", "route", "add", network, "via", network[0] == 'f' ? host_ipv6 : host_ipv4});
  const Fd sender = world_.client.datagrams(to_.any, 0);
  EXPECT_EQ(send_to(sender, to_.pod, 500, "by the pod's address"), 0);
  EXPECT_EQ(send_to(sender, to_.host, 5000, "by the host's port"), 0);
  EXPECT_TRUE(hears("by the host's port"));
  EXPECT_FALSE(has_datagram(inbox_));
}

// podrun has turned forwarding on: for pods, not for those who are beside the host.
TEST_P(RootPodTraffic, TheHostForwardsForPodsAlone) {
  const TestNetwork third;
  const auto namespace_path = fmt::format("/proc/{}/fd/{}", ::getpid(), third.get());
  world_.host.run({"ip", "link", "add", "side0", "type", "veth", "peer", "name", "eth0", "netns", namespace_path});
  const bool is_ipv6 = to_.any[0] == ':';
  const std::string host = is_ipv6 ? "2001:db8:1::1" : "198.51.100.1";
  const std::string beyond = is_ipv6 ? "2001:db8:1::2" : "198.51.100.2";
  const std::string length = is_ipv6 ? "/64" : "/24";
  world_.host.run({"ip", "address", "add", host + length, "dev", "side0", "nodad"});
  third.run({"ip", "address", "add", beyond + length, "dev", "eth0", "nodad"});
  world_.host.run({"ip", "link", "set", "side0", "up"});
  third.run({"ip", "link", "set", "eth0", "up"});
  third.run({"ip", "route", "add", "default", "via", host});
  world_.client.run({"ip", "route", "add", beyond, "via", to_.host});
  const Fd inbox = third.datagrams(to_.any, 700), sender = world_.client.datagrams(to_.any, 0);
  EXPECT_EQ(send_to(sender, beyond, 700, "from the client"), 0);
  EXPECT_EQ(send_to(inbox_, beyond, 700, "from the pod"), 0);
  const auto heard = next_datagram(inbox);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->text, "from the pod");
  EXPECT_FALSE(has_datagram(inbox));
  EXPECT_EQ(send_to(inbox, heard->from, heard->port, "answer"), 0);
  EXPECT_TRUE(hears("answer"));
}

TEST_P(RootPodTraffic, MulticastOfAPodDoesNotReachTheHost) {
  const Fd inbox = world_.host.datagrams(to_.any, 700);
  const std::string all_hosts = to_.any[0] == ':' ? "ff02::1" : "224.0.0.1";
  EXPECT_EQ(send_to(inbox_, all_hosts, 700, "to all"), 0);
  EXPECT_EQ(send_to(inbox_, to_.host, 700, "to the host"), 0);
  const auto heard = next_datagram(inbox);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->text, "to the host");
}

TEST_P(RootPodTraffic, ForgedSourcesAreDropped) {
  const Fd inbox = world_.client.datagrams(to_.any, 700);
  for (const std::string forged : {to_.other, to_.client}) {
    const auto length = forged.contains(':') ? "/128" : "/32";
    pod_.network.run({"ip", "address", "add", forged + length, "dev", "lo", "nodad"});
    const Fd sender = pod_.network.datagrams(forged, 0);
    EXPECT_EQ(send_to(sender, forged == to_.client ? to_.other : to_.client, 700, "forged"), 0);
    pod_.network.run({"ip", "address", "delete", forged + length, "dev", "lo"});
  }
  EXPECT_EQ(send_to(inbox_, to_.client, 700, "honest"), 0);
  const auto heard = next_datagram(inbox);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->text, "honest");
}

TEST_P(RootPodTraffic, StrictHostsLetItThrough) {
  for (const char* setting : {"all/rp_filter", "up0/rp_filter", "podrun5/rp_filter", "podrun6/rp_filter"})
    world_.host.set(std::string("net/ipv4/conf/") + setting, "1");
  world_.host.set("net/ipv4/conf/all/arp_ignore", "2");
  world_.host.set("net/ipv4/conf/all/arp_announce", "2");
  world_.host.set("net/ipv4/conf/all/arp_filter", "1");
  EXPECT_TRUE(world_.client.connects(to_.host, 8080));
  EXPECT_TRUE(other_.network.connects(to_.pod, 80));
  EXPECT_TRUE(pod_.network.connects(to_.host, 8080));
  EXPECT_TRUE(world_.host.connects(to_.pod, 80));
}

TEST_P(RootPodTraffic, ANeighbourCannotBeReplacedByThePod) {
  // An announcement that another Ethernet address has the pod's address would cut it off.
  other_.network.run({"ip", "link", "set", "eth0", "address", "02:00:00:00:00:99"});
  EXPECT_FALSE(world_.host.run({"ip", "neigh", "show", "dev", "podrun6"}).contains("02:00:00:00:00:99"));
  EXPECT_TRUE(world_.host.run({"ip", "neigh", "show", "dev", "podrun6"}).contains("PERMANENT"));
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, RootPodTraffic, testing::ValuesIn(families),
                         [](const auto& parameter) { return parameter.param.any[0] == ':' ? "IPv6" : "IPv4"; });

}  // namespace
}  // namespace podrun::ns
