// Entries of conntrack(8) that lead to a pod which is gone are deleted, and no others.
#include <linux/netlink.h>
#include <netinet/in.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/netlink/netlink_socket.hpp"
#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

class RootConntrack : public testing::Test {
 protected:
  RootConntrack() { EXPECT_EQ(send_to(sender_, host_ipv4, 5000, "first"), 0); }

  Result<> forget_to(std::vector<pod::PublishedPort> ports) {
    Result<> result;
    world_.host.in([&] { result = forget_connections_to(ports); });
    return result;
  }
  std::string entries() { return world_.host.run({"conntrack", "-L"}); }

  NetworkWorld world_;
  TestPod pod_ = world_.add_pod(5, {{IPPROTO_UDP, 5000, 500}}), next_ = world_.new_pod(6);
  Fd inbox_ = pod_.network.datagrams("0.0.0.0", 500);
  Fd sender_ = world_.client.datagrams(client_ipv4, 4000);
};

TEST_F(RootConntrack, ADatagramGoesToTheNextPodOnceTheOldEntryIsForgotten) {
  ASSERT_TRUE(next_datagram(inbox_));
  world_.host.in([&] { ASSERT_TRUE(remove_filter(pod_.filter.get(), "podrun5")); });
  pod_.ports.clear();
  world_.connect(next_);
  world_.filter(next_, {{IPPROTO_UDP, 5000, 500}});
  const Fd next_inbox = next_.network.datagrams("0.0.0.0", 500);
  EXPECT_EQ(send_to(sender_, host_ipv4, 5000, "second"), 0);
  ASSERT_TRUE(next_datagram(inbox_)) << "the old entry still leads to the former pod";
  const auto forgotten = forget_to({{.host_port = 5000, .protocol = IPPROTO_UDP}});
  ASSERT_TRUE(forgotten) << forgotten.error().message;
  EXPECT_EQ(send_to(sender_, host_ipv4, 5000, "third"), 0);
  const auto heard = next_datagram(next_inbox);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->text, "third");
}

TEST_F(RootConntrack, EntriesOfOtherPortsProtocolsAndAddressesStay) {
  ASSERT_TRUE(next_datagram(inbox_));
  const std::vector<pod::PublishedPort> others{
      {.host_port = 5001, .protocol = IPPROTO_UDP},
      {.host_port = 5000, .protocol = IPPROTO_TCP},
      {.host_port = 5000, .host_ip = pod::parse_ip("192.0.2.9"), .protocol = IPPROTO_UDP}};
  EXPECT_TRUE(forget_to(others));
  EXPECT_TRUE(entries().contains("dport=5000")) << entries();
  EXPECT_TRUE(forget_to({{.host_port = 5000, .host_ip = pod::parse_ip(host_ipv4), .protocol = IPPROTO_UDP}}));
  EXPECT_FALSE(entries().contains("dport=5000")) << entries();
}

TEST_F(RootConntrack, APortOfAllAddressesOfAFamilyForgetsThoseOfTheFamily) {
  ASSERT_TRUE(next_datagram(inbox_));
  EXPECT_TRUE(forget_to({{.host_port = 5000, .host_ip = pod::parse_ip("::"), .protocol = IPPROTO_UDP}}));
  EXPECT_TRUE(entries().contains("dport=5000")) << entries();
  EXPECT_TRUE(forget_to({{.host_port = 5000, .host_ip = pod::parse_ip("0.0.0.0"), .protocol = IPPROTO_UDP}}));
  EXPECT_FALSE(entries().contains("dport=5000")) << entries();
}

TEST_F(RootConntrack, TheEntriesOfAPodAreThoseOfEitherEnd) {
  const Fd client_inbox = world_.client.datagrams("0.0.0.0", 700), client_inbox6 = world_.client.datagrams("::", 700);
  const Fd sender6 = pod_.network.datagrams("::", 0);
  EXPECT_EQ(send_to(inbox_, client_ipv4, 700, "out"), 0);
  EXPECT_EQ(send_to(sender6, client_ipv6, 700, "out"), 0);
  ASSERT_TRUE(next_datagram(client_inbox) && next_datagram(client_inbox6) && next_datagram(inbox_));
  const Fd host_sender = world_.host.datagrams(host_ipv4, 0);
  EXPECT_EQ(send_to(host_sender, client_ipv4, 700, "the host's own"), 0);
  ASSERT_TRUE(next_datagram(client_inbox));
  EXPECT_TRUE(entries().contains("10.77.0.5")) << entries();
  world_.host.in([&] {
    const NetlinkSocket socket = NetlinkSocket::open(NETLINK_NETFILTER).value();
    const auto forgotten = forget_connections_of(pod_.addresses, socket.get());
    EXPECT_TRUE(forgotten) << forgotten.error().message;
  });
  EXPECT_FALSE(entries().contains("10.77.0.5")) << entries();
  EXPECT_FALSE(world_.host.run({"conntrack", "-L", "-f", "ipv6"}).contains("fd77:1::5"));
  EXPECT_TRUE(entries().contains("dst=192.0.2.2")) << entries();
}

// A few ports are patterns for the kernel. For many, and by kernels before 6.11, the entries are read.
class RootConntrackEntries : public RootConntrack, public testing::WithParamInterface<std::uint16_t> {};

TEST_P(RootConntrackEntries, ThousandsAreForgottenAndTheRestStays) {
  ASSERT_TRUE(next_datagram(inbox_));
  std::vector<pod::PublishedPort> ports;
  for (std::uint16_t i = 0; i < GetParam(); ++i)
    ports.push_back({.host_port = static_cast<std::uint16_t>(5000 - i), .protocol = IPPROTO_UDP});
  std::string input;
  for (int i = 0; i < 20000; ++i)
    for (const int port : {5000, 5001})
      input += fmt::format("-A -p udp -s 198.51.100.{} -d 192.0.2.1 --sport {} --dport {} -t 300\n", i % 250,
                           1024 + i / 250, port);
  const auto [added, said] = world_.host.try_to_run({"conntrack", "-R", "-"}, input);
  ASSERT_TRUE(added) << said;
  EXPECT_TRUE(forget_to(ports));
  const auto left = entries();
  EXPECT_FALSE(left.contains("dport=5000"));
  EXPECT_TRUE(left.contains("20000 flow entries")) << left.substr(left.size() - 200);
}

INSTANTIATE_TEST_SUITE_P(OneAndMany, RootConntrackEntries, testing::Values(1, 20), testing::PrintToStringParamName());

}  // namespace
}  // namespace podrun::ns
