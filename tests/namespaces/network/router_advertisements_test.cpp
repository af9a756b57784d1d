// The host's routes from router advertisements, before and after podrun's settings.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "namespaces/kernel/files.hpp"
#include "namespaces/network/host_text.hpp"
#include "namespaces/network/network_facts.hpp"
#include "tests/namespaces/network/own_network.hpp"

namespace podrun::ns {
namespace {

/// The host's end of a link whose other end, in another network namespace, is a router.
class RootRouterAdvertisements : public OwnNetwork {
 protected:
  void SetUp() override {
    OwnNetwork::SetUp();
    run("ip link add uplink type veth peer name router");
    set("net/ipv6/conf/uplink/accept_ra", "1");
    set("net/ipv6/conf/uplink/accept_dad", "0");
    const Fd hosts(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    router_ = Fd(::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6));
    const Fd routers(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
    set("net/ipv6/conf/default/accept_dad", "0");
    ASSERT_EQ(::setns(hosts.get(), CLONE_NEWNET), 0);
    run(fmt::format("ip link set router netns /proc/{}/fd/{} && ip link set uplink up", ::getpid(), routers.get()));
    ASSERT_EQ(::setns(routers.get(), CLONE_NEWNET), 0);
    run("ip link set router up");
    index_ = ::if_nametoindex("router");
    ASSERT_EQ(::setns(hosts.get(), CLONE_NEWNET), 0);
  }

  /// Sends advertisements until the host has a default route from one. The link may still be coming up.
  bool host_learns_its_route() const {
    nd_router_advert advert{};
    advert.nd_ra_type = ND_ROUTER_ADVERT;
    advert.nd_ra_router_lifetime = htons(1800);
    sockaddr_in6 all_nodes{};
    all_nodes.sin6_family = AF_INET6;
    all_nodes.sin6_scope_id = index_;
    ::inet_pton(AF_INET6, "ff02::1", &all_nodes.sin6_addr);
    constexpr int hops = 255;
    ::setsockopt(router_.get(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!has_route() && std::chrono::steady_clock::now() < end) {
      ::sendto(router_.get(), &advert, sizeof advert, 0, reinterpret_cast<sockaddr*>(&all_nodes), sizeof all_nodes);
      ::poll(nullptr, 0, 10);
    }
    return has_route();
  }
  static bool has_route() {
    const auto routes = parse_ipv6_routes(read_file("/proc/net/ipv6_route").value_or(""));
    return std::ranges::any_of(routes, [](const HostRoute& route) { return route.to.length == 0 && route.is_learnt; });
  }

 private:
  Fd router_;
  unsigned index_ = 0;
};

TEST_F(RootRouterAdvertisements, TheDefaultRouteSurvivesTheSettings) {
  run("ip address add 2001:db8::2/64 dev uplink nodad");
  ASSERT_TRUE(host_learns_its_route());
  const auto facts = read_network_facts({});
  ASSERT_EQ(facts.settings.front(), (pod::NeededSetting{"net/ipv6/conf/uplink/accept_ra", "2"}));
  for (const pod::NeededSetting& each : facts.settings) set(each.name, each.value);
  EXPECT_EQ(read_file("/proc/sys/net/ipv6/conf/uplink/forwarding").value(), "1\n");
  EXPECT_TRUE(has_route());
}

TEST_F(RootRouterAdvertisements, ForwardingAloneLosesTheDefaultRoute) {
  ASSERT_TRUE(host_learns_its_route());
  set("net/ipv6/conf/all/forwarding", "1");
  EXPECT_FALSE(has_route()) << "this is why accept_ra is set";
}

}  // namespace
}  // namespace podrun::ns
