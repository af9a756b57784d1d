// The texts of /proc/net and of resolv.conf(5), as Linux 6.18 writes them.
#include "namespaces/network/host_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace podrun::ns {
namespace {

pod::IpPrefix prefix(const char* text) { return pod::parse_prefix(text).value(); }
pod::IpAddress address(const char* text) { return pod::parse_ip(text).value(); }

constexpr std::string_view ipv4_routes =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT      \n"
    "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0                               \n"
    "*\t0000000A\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0                                  \n"
    "tun0\t00014D0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                               \n"
    "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                               \n";

TEST(HostText, Ipv4RoutesHaveInterfacesAndPrefixes) {
  EXPECT_EQ(parse_ipv4_routes(ipv4_routes), (std::vector<HostRoute>{{"eth0", prefix("0.0.0.0/0")},
                                                                 {"tun0", prefix("10.77.1.0/24")},
                                                                 {"eth0", prefix("192.0.2.0/24")}}))
      << "without the header, and the unreachable prefix";
}

TEST(HostText, TheLastDestinationIsThatOfTheLastCompleteLine) {
  EXPECT_EQ(last_ipv4_destination(ipv4_routes), address("192.0.2.0"));
  const std::size_t last = ipv4_routes.find("eth0\t000200C0");
  EXPECT_EQ(last_ipv4_destination(ipv4_routes.substr(0, last + 20)), address("10.77.1.0"));
  EXPECT_EQ(last_ipv4_destination(ipv4_routes.substr(0, 20)), address("0.0.0.0"));
  EXPECT_EQ(last_ipv4_destination(""), address("0.0.0.0"));
}

TEST(HostText, Ipv6RoutesAreThoseToOtherMachines) {
  const std::string zero(32, '0'), rest = " " + zero + " 00 ";
  const std::string text =
      "20010db8000000000000000000000000 40" + rest + zero + " 00000100 00000001 00000000 00000001     eth0\n" +
      zero + " 00" + rest + "fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth1\n" +
      zero + " 00" + rest + zero + " ffffffff 00000001 00000000 00200200       lo\n" +
      "fd010000000000000000000000000000 30" + rest + zero + " 00000400 00000001 00000000 00200200     eth0\n" +
      "ff000000000000000000000000000000 08" + rest + zero + " 00000100 00000002 00000000 00000001     eth0\n" +
      "fd020000000000000000000000000000 ff" + rest + zero + " 00000100 00000002 00000000 00000001     eth0\n" +
      "fd0200000000 30" + rest + zero + " 00000100 00000002 00000000 00000001     eth0\nshort\n";
  EXPECT_EQ(parse_ipv6_routes(text), (std::vector<HostRoute>{{"eth0", prefix("2001:db8::/64"), false},
                                                          {"eth1", prefix("::/0"), true}}));
}

TEST(HostText, Ipv6AddressesAreWideUnlessLinkLocalOrLoopback) {
  EXPECT_EQ(parse_ipv6_addresses("fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n"
                                 "fd000000000000000000000000000002 04 40 00 82     eth0\n"
                                 "00000000000000000000000000000001 01 80 10 80       lo\n"),
            (std::vector<InterfaceAddress>{{"eth0", address("fe80::fc:ff:fe00:1"), false},
                                           {"eth0", address("fd00::2"), true},
                                           {"lo", address("::1"), false}}));
}

TEST(HostText, NameserversAreThoseOfResolvConf) {
  EXPECT_EQ(parse_nameservers("# nameserver 192.0.2.1\nsearch example.com\n  nameserver\t192.0.2.2 # the first\n"
                              "nameserver fe80::1%eth0\nnameserver\nnameservers 192.0.2.3\nnameserver 192.0.2.4"),
            (std::vector<std::string>{"192.0.2.2", "fe80::1%eth0", "192.0.2.4"}));
}

TEST(HostText, SocketsAreFoundByTheirPort) {
  const std::string text =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0\n"
      "   1: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0\n"
      "   2: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 01 00000000:00000000 "
      "00:00000000 00000000     0        0 4713 1 0\n";
  const auto found = parse_sockets(text, 8080);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].address, address("127.0.0.1"));
  EXPECT_TRUE(found[0].is_listening);
  EXPECT_EQ(found[0].inode, 4711U);
  EXPECT_EQ(found[1].address, address("::1"));
  EXPECT_FALSE(found[1].is_listening);
}

TEST(HostText, InterfacesOfPodsEndWithANumber) {
  for (const char* name : {"podrun2", "podrun65533"}) EXPECT_TRUE(is_of_a_pod(name)) << name;
  for (const char* name : {"podrun", "podrunx", "podrun2x", "podman0", "eth0", ""}) EXPECT_FALSE(is_of_a_pod(name));
}

}  // namespace
}  // namespace podrun::ns
