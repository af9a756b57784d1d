// Packets that belong to no connection, sockets that carry marks of pods, and sockets of ports that are closed.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include <gtest/gtest.h>

#include "pod/network/addresses.hpp"
#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

struct Addresses {
  const char *host, *client, *any, *pod, *other;
};
constexpr Addresses families[] = {{host_ipv4, client_ipv4, "0.0.0.0", "10.77.0.5", "10.77.0.6"},
                                  {host_ipv6, client_ipv6, "::", "fd77:1::5", "fd77:1::6"}};

constexpr std::uint16_t last_port = 9, stray_port = 700;

int family_of(std::string_view address) { return address.contains(':') ? AF_INET6 : AF_INET; }

/// The sum of TCP over the addresses and the segment.
std::uint16_t checksum_of(const pod::IpAddress& from, const pod::IpAddress& to, std::span<const std::byte> segment) {
  std::uint32_t sum = IPPROTO_TCP + static_cast<std::uint32_t>(segment.size());
  const auto add = [&](std::span<const std::byte> bytes) {
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
      sum += std::to_integer<std::uint32_t>(bytes[i]) << 8 | std::to_integer<std::uint32_t>(bytes[i + 1]);
  };
  add(std::as_bytes(from.bytes()));
  add(std::as_bytes(to.bytes()));
  add(segment);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return htons(static_cast<std::uint16_t>(~sum));
}

enum class Segment { Begin, Acknowledgement, Reset, End };

class RootPodStrays : public testing::TestWithParam<Addresses> {
 protected:
  RootPodStrays() {
    // Without it an acknowledgement would begin a connection.
    world_.host.set("net/netfilter/nf_conntrack_tcp_loose", "0");
    for (const char* route : {"10.77.0.0/16", "fd77:1::/64"})
      world_.client.run({"ip", "route", "add", route, "via", std::string(route).contains(':') ? host_ipv6 : host_ipv4});
  }
  /// A socket that hears all segments of TCP, and sends them.
  Fd raw(const TestNetwork& network) {
    Fd socket;
    network.in([&] { socket = Fd(::socket(family_of(to_.any), SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP)); });
    EXPECT_TRUE(socket);
    return socket;
  }
  static void send(const Fd& socket, const char* from, const char* to, std::uint16_t port, Segment kind) {
    tcphdr header{};
    header.th_sport = htons(600);
    header.th_dport = htons(port);
    header.th_seq = htonl(1000);
    header.th_ack = htonl(kind == Segment::Begin ? 0 : 2000);
    header.th_off = sizeof header / 4;
    header.th_win = htons(1000);
    header.th_flags = kind == Segment::Begin   ? TH_SYN
                      : kind == Segment::Reset ? TH_RST
                      : kind == Segment::End   ? TH_FIN | TH_ACK
                                               : TH_ACK;
    header.th_sum = checksum_of(*pod::parse_ip(from), *pod::parse_ip(to), std::as_bytes(std::span(&header, 1)));
    const std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
    EXPECT_EQ(send_to(socket, to, 0, bytes), 0);
  }
  /// The destination's port of the next segment.
  static std::uint16_t heard(const Fd& socket, const char* from) {
    for (auto next = next_datagram(socket); next; next = next_datagram(socket)) {
      if (next->from != from) continue;
      const std::size_t begin = next->text.size() - sizeof(tcphdr);  // the sockets of IPv4 hear the header of IP, too
      tcphdr header;
      std::memcpy(&header, next->text.data() + begin, sizeof header);
      return ntohs(header.th_dport);
    }
    return 0;
  }

  const Addresses& to_ = GetParam();
  NetworkWorld world_;
  TestPod pod_ = world_.add_pod(5, {{IPPROTO_TCP, 8080, 80}}), other_ = world_.add_pod(6);
};

TEST_P(RootPodStrays, PacketsOfNoConnectionDoNotReachAPodFromOutside) {
  const Fd inside = raw(pod_.network), client = raw(world_.client), host = raw(world_.host);
  for (const Segment kind : {Segment::Reset, Segment::Acknowledgement, Segment::End, Segment::Begin})
    send(client, to_.client, to_.pod, stray_port, kind);
  send(client, to_.client, to_.host, 8080, Segment::Begin);  // to a published port
  EXPECT_EQ(heard(inside, to_.client), 80);
}

TEST_P(RootPodStrays, PacketsOfNoConnectionDoNotLeaveAPod) {
  const Fd inside = raw(pod_.network), client = raw(world_.client), other = raw(other_.network);
  for (const Segment kind : {Segment::Reset, Segment::Acknowledgement, Segment::End})
    for (const char* const to : {to_.client, to_.other}) send(inside, to_.pod, to, stray_port, kind);
  for (const char* const to : {to_.client, to_.other}) send(inside, to_.pod, to, last_port, Segment::Begin);
  EXPECT_EQ(heard(client, to_.host), last_port);
  EXPECT_EQ(heard(other, to_.pod), last_port);
  EXPECT_FALSE(has_datagram(client));
}

TEST_P(RootPodStrays, APortLeadsToThePodAsLongAsItsSocketIsOpen) {
  const Fd web = pod_.network.listener(to_.any, 80);
  EXPECT_TRUE(world_.client.connects(to_.host, 8080));
  pod_.ports.clear();
  EXPECT_FALSE(world_.client.connects(to_.host, 8080)) << "the element is still there";
  const Fd server = world_.host.listener(to_.any, 8080);
  EXPECT_TRUE(world_.client.connects(to_.host, 8080)) << "it is another's port now";
}

TEST_P(RootPodStrays, AMarkOfASocketInAPodMeansNothing) {
  const Fd web = pod_.network.listener(to_.any, 80), forged = other_.network.listener(to_.any, 9999);
  const std::uint32_t mark = pod::port_mark(5, 0);
  ASSERT_EQ(::setsockopt(forged.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark), 0);
  EXPECT_FALSE(world_.client.connects(to_.host, 9999));
}

TEST_P(RootPodStrays, AMarkOnTheHostLeadsToAPublishedPortAndNowhereElse) {
  const Fd web = pod_.network.listener(to_.any, 80), admin = pod_.network.listener(to_.any, 22);
  const std::pair<std::uint32_t, bool> marks[] = {
      {pod::port_mark(5, 0), true}, {pod::port_mark(5, 1), false}, {pod::port_mark(6, 0), false}, {5, false}};
  for (const auto& [mark, is_led] : marks) {
    const Fd forged = world_.host.listener(to_.any, 9999);
    ASSERT_EQ(::setsockopt(forged.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark), 0);
    ASSERT_TRUE(world_.client.connects(to_.host, 9999)) << mark;
    EXPECT_EQ(has_datagram(forged), !is_led) << mark << ": whether the connection is here";
    EXPECT_EQ(has_datagram(web), is_led) << mark;
    EXPECT_FALSE(has_datagram(admin));
    const Fd accepted(is_led ? ::accept4(web.get(), nullptr, nullptr, SOCK_CLOEXEC) : -1);
  }
}

INSTANTIATE_TEST_SUITE_P(BothFamilies, RootPodStrays, testing::ValuesIn(families),
                         [](const auto& parameter) { return parameter.param.any[0] == ':' ? "IPv6" : "IPv4"; });

}  // namespace
}  // namespace podrun::ns
