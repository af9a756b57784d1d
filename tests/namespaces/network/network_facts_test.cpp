// The facts of a network namespace that belongs to the test.
#include "namespaces/network/network_facts.hpp"

#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "namespaces/kernel/files.hpp"
#include "tests/namespaces/network/own_network.hpp"

namespace podrun::ns {
namespace {

using Settings = std::vector<pod::NeededSetting>;
using Names = std::vector<std::string>;

/// The host has an interface `uplink`; `router` is its other end.
class RootNetworkFacts : public OwnNetwork {
 protected:
  void SetUp() override {
    OwnNetwork::SetUp();
    run("ip link add uplink mtu 1400 type veth peer name router && ip link set uplink up && ip link set router up && "
        "ip address add 192.0.2.2/24 dev uplink && ip route add default via 192.0.2.1");
  }
  static void give_ipv6() { run("ip address add 2001:db8::2/64 dev uplink nodad"); }

  pod::NetworkConfig config_;
};

TEST_F(RootNetworkFacts, AHostWithIpv4AloneGivesPodsIpv4) {
  const auto facts = read_network_facts(config_);
  ASSERT_TRUE(facts.has_pods_network) << facts.why_not;
  EXPECT_EQ(text_of(facts.ipv4.value()), "10.77.0.0/16");
  EXPECT_FALSE(facts.ipv6);
  EXPECT_EQ(facts.why_no_ipv6,
            "the host has no IPv6 address but loopback and link-local ones, and does not forward IPv6");
  EXPECT_EQ(facts.mtu, 1400U);
  EXPECT_EQ(facts.settings, (Settings{{"net/ipv4/ip_forward", "1"}}));
  EXPECT_EQ(facts.closed_ipv4, (Names{"router", "uplink"}));
  EXPECT_EQ(facts.closed_ipv6, Names{});
  EXPECT_EQ(facts.docker_families, Names{});
}

TEST_F(RootNetworkFacts, AHostWithIpv6GivesPodsBoth) {
  give_ipv6();
  const auto facts = read_network_facts(config_);
  ASSERT_TRUE(facts.ipv6) << facts.why_no_ipv6;
  EXPECT_EQ(facts.ipv6->length, 64U);
  EXPECT_EQ(facts.settings.front(), (pod::NeededSetting{"net/ipv6/conf/uplink/accept_ra", "2"}))
      << "it has a default route of IPv4";
  EXPECT_EQ(facts.settings.back(), (pod::NeededSetting{"net/ipv4/ip_forward", "1"}));
  EXPECT_EQ(facts.closed_ipv6, (Names{"router", "uplink"}));
}

TEST_F(RootNetworkFacts, ForwardingThatIsOnIsNotTouched) {
  give_ipv6();
  set("net/ipv4/ip_forward", "1");
  set("net/ipv6/conf/all/forwarding", "1");
  const auto facts = read_network_facts(config_);
  EXPECT_TRUE(facts.ipv4 && facts.ipv6);
  EXPECT_EQ(facts.settings, Settings{});
  EXPECT_EQ(facts.closed_ipv4, Names{});
  EXPECT_EQ(facts.closed_ipv6, Names{});
}

TEST_F(RootNetworkFacts, ForwardingThatAPodHasTurnedOnIsNeededToo) {
  give_ipv6();
  set("net/ipv4/ip_forward", "1");
  set("net/ipv6/conf/all/forwarding", "1");
  const auto facts = read_network_facts(
      config_, {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding", "net/ipv6/conf/uplink/accept_ra"});
  EXPECT_EQ(facts.settings, (Settings{{"net/ipv6/conf/uplink/accept_ra", "2"},
                                      {"net/ipv6/conf/all/forwarding", "1"},
                                      {"net/ipv4/ip_forward", "1"}}));
  EXPECT_EQ(facts.closed_ipv4, (Names{"router", "uplink"}));
  EXPECT_EQ(facts.closed_ipv6, (Names{"router", "uplink"}));
}

TEST_F(RootNetworkFacts, ForwardingThatPodrunTurnedOnIsNoReasonForIpv6) {
  set("net/ipv6/conf/all/forwarding", "1");
  EXPECT_TRUE(read_network_facts(config_).ipv6);
  EXPECT_FALSE(read_network_facts(config_, {"net/ipv6/conf/all/forwarding"}).ipv6);
}

TEST_F(RootNetworkFacts, IPv6ThatIsSwitchedOffIsSaidToBe) {
  set("net/ipv6/conf/default/disable_ipv6", "1");
  EXPECT_EQ(read_network_facts(config_).why_no_ipv6,
            "IPv6 is switched off: net.ipv6.conf.default.disable_ipv6 is 1");
  config_.ipv6.enabled = false;
  EXPECT_EQ(read_network_facts(config_).why_no_ipv6, "IPv6 is switched off in /etc/podrun/network.yaml");
  config_.ipv4.enabled = false;
  const auto none = read_network_facts(config_);
  EXPECT_FALSE(none.has_pods_network);
  EXPECT_EQ(none.why_not,
            "pods would have no address: IPv4 is switched off in /etc/podrun/network.yaml, and IPv6 is "
            "switched off in /etc/podrun/network.yaml");
}

TEST_F(RootNetworkFacts, RoutesOfTheHostKeepItsSubnetsFromPods) {
  run("ip route add 10.77.9.0/24 via 192.0.2.1");
  EXPECT_EQ(text_of(read_network_facts(config_).ipv4.value()), "10.78.0.0/16");
  run("ip route add 10.78.0.0/16 via 192.0.2.1 table 52 && ip rule add priority 5000 lookup 52");
  EXPECT_EQ(text_of(read_network_facts(config_).ipv4.value()), "10.79.0.0/16") << "a VPN has a table of its own";
  config_.ipv4.subnet = pod::parse_prefix("10.77.0.0/16");
  const auto facts = read_network_facts(config_);
  EXPECT_FALSE(facts.has_pods_network);
  EXPECT_EQ(facts.why_not,
            "the host's route 10.77.9.0/24 (uplink) overlaps the subnet of pods 10.77.0.0/16: choose another "
            "one as ipv4.subnet in /etc/podrun/network.yaml");
}

TEST_F(RootNetworkFacts, OverlappingRoutesOfIpv6AreFound) {
  give_ipv6();
  config_.ipv6.subnet = pod::parse_prefix("2001:db8:1::/64");
  EXPECT_EQ(read_network_facts(config_).ipv6, config_.ipv6.subnet);
  run("ip route add 2001:db8:1::4000/120 dev uplink");
  EXPECT_FALSE(read_network_facts(config_).has_pods_network);
  config_.ipv6.subnet.reset();
  const auto own = read_network_facts(config_).ipv6.value();
  run("ip route add " + text_of(only(nth_address(own, 1))) + " dev uplink");
  EXPECT_NE(read_network_facts(config_).ipv6.value(), own);
}

TEST_F(RootNetworkFacts, RoutesToPodsAreNotInTheWay) {
  run("ip link add podrun7 type veth peer name pod && ip link set podrun7 up && ip link set pod up && "
      "ip address add 10.77.0.1/32 dev podrun7 && ip route add 10.77.0.7/32 dev podrun7");
  const auto facts = read_network_facts(config_);
  EXPECT_EQ(text_of(facts.ipv4.value()), "10.77.0.0/16");
  EXPECT_EQ(facts.closed_ipv4, (Names{"pod", "router", "uplink"}));
  EXPECT_EQ(facts.mtu, 1400U);
  run("ip route add 10.77.0.0/16 via 192.0.2.1");
  EXPECT_EQ(text_of(read_network_facts(config_).ipv4.value()), "10.78.0.0/16") << "a VPN has come later";
}

TEST_F(RootNetworkFacts, PodsHaveIpv6AsThoseBeforeThem) {
  give_ipv6();
  const auto subnet = read_network_facts(config_).ipv6;
  ASSERT_TRUE(subnet);
  run("ip address del 2001:db8::2/64 dev uplink && ip link add podrun7 type veth peer name pod && "
      "ip link set podrun7 up && ip link set pod up");
  EXPECT_FALSE(read_network_facts(config_).ipv6);
  run("ip address add " + text_of(only(nth_address(*subnet, 1))) + " dev podrun7 nodad");
  EXPECT_EQ(read_network_facts(config_).ipv6, subnet);
}

TEST_F(RootNetworkFacts, AnMtuTooSmallForIpv6LeavesIpv4) {
  give_ipv6();
  config_.mtu = 1000;
  const auto facts = read_network_facts(config_);
  EXPECT_EQ(facts.why_no_ipv6, "the MTU of pods is 1000, and IPv6 needs 1280");
  EXPECT_EQ(facts.settings, (Settings{{"net/ipv4/ip_forward", "1"}}));
  EXPECT_EQ(facts.closed_ipv6, Names{});
}

TEST_F(RootNetworkFacts, TheMtuIsThatOfTheWayToTheInternet) {
  give_ipv6();
  run("ip route del default && ip -6 route add default via 2001:db8::1");
  EXPECT_EQ(read_network_facts(config_).mtu, 1400U);
  run("ip -6 route del default");
  EXPECT_EQ(read_network_facts(config_).mtu, 1500U);
}

TEST_F(RootNetworkFacts, DockersChainsAreFound) {
  give_ipv6();
  run("nft 'add table ip filter; add chain ip filter DOCKER-USER; add table ip6 filter; add chain ip6 filter other'");
  EXPECT_EQ(read_network_facts(config_).docker_families, Names{"ip"});
  run("nft add chain ip6 filter DOCKER-USER");
  EXPECT_EQ(read_network_facts(config_).docker_families, (Names{"ip", "ip6"}));
}

TEST_F(RootNetworkFacts, TheFactsAreReadTwiceTheSame) {
  give_ipv6();
  const auto first = read_network_facts(config_), second = read_network_facts(config_);
  EXPECT_EQ(first.ipv6, second.ipv6);
  EXPECT_EQ(first.settings, second.settings);
}

/// What a child writes, which may change its mounts and rights.
template <typename Work>
std::string in_child(Work work) {
  std::array<int, 2> answer{};
  EXPECT_EQ(::pipe2(answer.data(), O_CLOEXEC), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string text = work();
    (void)!::write(answer[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(answer[1]);
  std::string text = read_all(answer[0], "the answer", 1 << 16).value_or("");
  ::close(answer[0]);
  ::waitpid(child, nullptr, 0);
  return text;
}

void make_parameters_read_only() {
  const bool is_done = ::unshare(CLONE_NEWNS) == 0 &&
                       ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                       ::mount("/proc/sys", "/proc/sys", nullptr, MS_BIND, nullptr) == 0 &&
                       ::mount(nullptr, "/proc/sys", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
  if (!is_done) ::_exit(1);
}

TEST_F(RootNetworkFacts, ReadOnlyParametersAreAReasonWhereOneHasToChange) {
  const auto why_not = [&] {
    return in_child([&] {
      make_parameters_read_only();
      return read_network_facts(config_).why_not + ".";
    });
  };
  EXPECT_EQ(why_not(),
            "net.ipv4.ip_forward has to be 1, and /proc/sys is read-only here.");
  set("net/ipv4/ip_forward", "1");
  EXPECT_EQ(why_not(), ".");
  give_ipv6();
  EXPECT_EQ(in_child([&] {
              make_parameters_read_only();
              const auto facts = read_network_facts(config_);
              return fmt::format("{} {} {}", facts.has_pods_network, facts.settings.size(), facts.why_no_ipv6);
            }),
            "true 0 net.ipv6.conf.all.forwarding would have to be 1, and /proc/sys is read-only here");
}

TEST_F(RootNetworkFacts, AProcessWithoutTheRightToMakeInterfacesIsTold) {
  EXPECT_EQ(in_child([&] {
              if (::setuid(65534) != 0) return std::string("setuid");
              return read_network_facts(config_).why_not;
            }),
            "podrun may not make network interfaces here: it has not CAP_NET_ADMIN");
}

TEST_F(RootNetworkFacts, APlanNeedsNoRightToMakeInterfaces) {
  EXPECT_EQ(in_child([&] {
              if (::setuid(65534) != 0) return std::string("setuid");
              const auto facts = read_network_facts(config_, {}, "", FactsFor::Plan);
              return facts.has_pods_network ? text_of(facts.ipv4.value()) : facts.why_not;
            }),
            "10.77.0.0/16");
}

TEST_F(RootNetworkFacts, ResolversAreReadBelowTheRoot) {
  const std::filesystem::path root = std::filesystem::temp_directory_path() / fmt::format("facts-{}", ::getpid());
  std::filesystem::create_directories(root / "etc");
  std::filesystem::create_directories(root / "run/systemd/resolve");
  std::ofstream(root / "etc/resolv.conf") << "nameserver 127.0.0.53\n" << std::flush;
  EXPECT_EQ(read_network_facts(config_, {}, root).upstreams, Names{"127.0.0.53"});
  std::ofstream(root / "run/systemd/resolve/resolv.conf") << "nameserver 192.0.2.53\n" << std::flush;
  EXPECT_EQ(read_network_facts(config_, {}, root).upstreams, Names{"192.0.2.53"});
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace podrun::ns
