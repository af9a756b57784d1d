// Claims of numbers, in a network namespace that belongs to the test.
#include "namespaces/network/number_claim.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "namespaces/kernel/socket_address.hpp"
#include "tests/namespaces/network/own_network.hpp"

namespace podrun::ns {
namespace {

pod::NetworkFacts facts_of(const char* ipv4, const char* ipv6) {
  pod::NetworkFacts facts;
  if (*ipv4 != '\0') facts.ipv4 = pod::parse_prefix(ipv4).value();
  if (*ipv6 != '\0') facts.ipv6 = pod::parse_prefix(ipv6).value();
  return facts;
}

class RootNumberClaim : public OwnNetwork {
 protected:
  NumberClaim claim(std::uint32_t preferred) const {
    auto claimed = claim_number(facts_, preferred);
    EXPECT_TRUE(claimed) << claimed.error().message;
    return claimed ? std::move(*claimed) : NumberClaim{};
  }

  pod::NetworkFacts facts_ = facts_of("10.77.0.0/16", "fd01:2:3:77::/64");
};

TEST_F(RootNumberClaim, APreferredNumberThatIsFreeIsClaimed) {
  for (const std::uint32_t number : {2U, 300U, 65533U}) EXPECT_EQ(claim(number).number, number);
}

TEST_F(RootNumberClaim, AClaimEndsWithItsLastDescriptor) {
  NumberClaim first = claim(7);
  Fd copy(::dup(first.socket.get()));
  first.socket.reset();
  EXPECT_EQ(claim(7).number, 8U);
  copy.reset();
  EXPECT_EQ(claim(7).number, 7U);
}

TEST_F(RootNumberClaim, TheLastNumberIsFollowedByTheFirst) {
  const NumberClaim last = claim(65533);
  EXPECT_EQ(claim(65533).number, 2U);
}

TEST_F(RootNumberClaim, ANumberWhoseInterfaceExistsIsPassedOver) {
  run("ip link add podrun7 type veth peer name podrun8");
  EXPECT_EQ(claim(7).number, 9U);
}

TEST_F(RootNumberClaim, ANumberWhoseAddressIsRoutedIsPassedOver) {
  run("ip route add 10.77.0.7/32 dev lo && ip -6 route add fd01:2:3:77::8/128 dev lo");
  EXPECT_EQ(claim(7).number, 9U);
}

TEST_F(RootNumberClaim, ANumberWhoseAddressIsTheHostsIsPassedOver) {
  run("ip address add 10.77.0.7/32 dev lo && ip address add fd01:2:3:77::8/128 dev lo nodad");
  EXPECT_EQ(claim(7).number, 9U);
}

TEST_F(RootNumberClaim, ADefaultRouteIsNotInTheWay) {
  run("ip link add uplink type veth peer name router && ip link set uplink up && ip link set router up && "
      "ip route add default dev uplink && ip -6 route add default dev uplink && ip route add unreachable 10.0.0.0/8");
  EXPECT_EQ(claim(7).number, 7U);
}

TEST_F(RootNumberClaim, NumbersAreClaimedInIpv6WherePodsHaveNoIpv4) {
  facts_ = facts_of("", "fd01:2:3:77::/64");
  const NumberClaim first = claim(7);
  EXPECT_EQ(first.number, 7U);
  EXPECT_EQ(claim(7).number, 8U);
}

TEST_F(RootNumberClaim, ASubnetWithoutAFreeAddressIsAnError) {
  facts_ = facts_of("192.0.2.0/29", "");
  std::vector<NumberClaim> all;
  for (int i = 0; i < 5; ++i) all.push_back(claim(65000));
  std::set<std::uint32_t> numbers;
  for (const NumberClaim& each : all) numbers.insert(each.number);
  EXPECT_EQ(numbers, (std::set<std::uint32_t>{2, 3, 4, 5, 6}));
  const auto none = claim_number(facts_, 3);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().number, EADDRNOTAVAIL);
  EXPECT_EQ(none.error().message,
            "no address of 192.0.2.0/29 is free: each is claimed by a pod or routed, or a server of the host listens at "
            "port 1/TCP of all addresses");
  const auto tiny = claim_number(facts_of("192.0.2.0/31", ""), 3);
  ASSERT_FALSE(tiny);
  EXPECT_EQ(tiny.error().message, "the subnet of pods has no address for a pod");
}

TEST_F(RootNumberClaim, NobodyElseBindsWhatIsClaimed) {
  const NumberClaim claimed = claim(7);
  const SocketAddress name(nth_address(*facts_.ipv4, 7), 1);
  const Fd other(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  constexpr int on = 1;
  for (const int option : {SO_REUSEADDR, SO_REUSEPORT})
    ASSERT_EQ(::setsockopt(other.get(), SOL_SOCKET, option, &on, sizeof on), 0);
  ASSERT_EQ(::setsockopt(other.get(), IPPROTO_IP, IP_FREEBIND, &on, sizeof on), 0);
  EXPECT_EQ(::bind(other.get(), name.get(), name.size()), -1);
  EXPECT_EQ(errno, EADDRINUSE);
}

// All children wait for the same pipe's end, then claim the same number, and keep what they have until all have it.
TEST_F(RootNumberClaim, TwoHundredPodsThatStartTogetherHaveDifferentNumbers) {
  constexpr int pods = 200;
  std::array<int, 2> start{}, end{}, results{};
  for (auto* pipe : {&start, &end, &results}) ASSERT_EQ(::pipe2(pipe->data(), O_CLOEXEC), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < pods; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(start[1]);
      ::close(end[1]);
      char byte;
      (void)!::read(start[0], &byte, 1);
      const auto claimed = claim_number(facts_, 7);
      const std::uint32_t number = claimed ? claimed->number : 0;
      (void)!::write(results[1], &number, sizeof number);
      (void)!::read(end[0], &byte, 1);
      ::_exit(0);
    }
    children.push_back(child);
  }
  ::close(start[1]);
  std::set<std::uint32_t> numbers;
  for (int i = 0; i < pods; ++i) {
    std::uint32_t number = 0;
    ASSERT_EQ(::read(results[0], &number, sizeof number), ssize_t{sizeof number});
    numbers.insert(number);
  }
  for (const int each : {start[0], end[0], end[1], results[0], results[1]}) ::close(each);
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  EXPECT_EQ(numbers.size(), std::size_t{pods});
  EXPECT_FALSE(numbers.contains(0));
}

}  // namespace
}  // namespace podrun::ns
