// What other firewalls do to pods' traffic. The rule sets are those of Docker, ufw and firewalld.
#include "namespaces/network/firewall.hpp"

#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/namespaces/network/own_network.hpp"

namespace podrun::ns {
namespace {

using Obstacles = std::vector<FirewallObstacle>;

BaseChain forward(const char* family, const char* table, const char* name, bool drops) {
  return {.family = family, .table = table, .name = name, .is_forward = true, .drops = drops};
}

// ---- the decision ----

TEST(Firewall, ChainsThatAcceptAreNotInTheWay) {
  EXPECT_EQ(find_obstacles({}), Obstacles{});
  EXPECT_EQ(find_obstacles({.chains = {forward("ip", "filter", "FORWARD", false),
                                       forward("inet", "filter", "forward", false)}}),
            Obstacles{});
}

TEST(Firewall, ChainsThroughWhichNoPacketOfAPodGoesAreNotInTheWay) {
  BaseChain input = forward("ip", "filter", "INPUT", true);
  input.is_forward = false;
  EXPECT_EQ(find_obstacles({.chains = {input, forward("bridge", "filter", "FORWARD", true)}}), Obstacles{});
}

TEST(Firewall, APolicyOfIptablesIsNamedWithItsCure) {
  EXPECT_EQ(find_obstacles({.chains = {forward("ip6", "filter", "FORWARD", true)}}),
            (Obstacles{{"the policy of \"ip6 filter FORWARD\" is drop",
                        "ip6tables -I FORWARD -i podrun+ -j ACCEPT && ip6tables -I FORWARD -o podrun+ -j ACCEPT"}}));
}

TEST(Firewall, APolicyOfNftIsNamedWithItsCure) {
  EXPECT_EQ(find_obstacles({.chains = {forward("inet", "filter", "forward", true)}}),
            (Obstacles{{"the policy of \"inet filter forward\" is drop",
                        "nft 'insert rule inet filter forward iifname \"podrun*\" accept; insert rule inet filter "
                        "forward oifname \"podrun*\" accept'"}}));
}

TEST(Firewall, DockersChainLetsPodsPassBesideUfw) {
  const auto obstacles = find_obstacles({.chains = {forward("ip", "filter", "FORWARD", true)},
                                         .names = {"ip filter DOCKER-USER", "ip filter ufw-user-forward"}});
  EXPECT_EQ(obstacles, (Obstacles{{"the policy of \"ip filter FORWARD\" is drop (Docker), and podrun lets each pod "
                                   "pass in DOCKER-USER",
                                   ""}}));
}

TEST(Firewall, TheZoneOfPodrunLetsPodsPass) {
  const BaseChain chain = forward("inet", "firewalld", "filter_FORWARD", false);
  EXPECT_EQ(find_obstacles({.chains = {chain}, .names = {"inet firewalld filter_FWD_podrun"}}), Obstacles{});
  EXPECT_EQ(find_obstacles({.chains = {chain}}).size(), 1U);
}

TEST(Firewall, TablesThatCannotBeSeenAreSaidToBeThere) {
  EXPECT_EQ(find_obstacles({.legacy = {"ip filter", "ip6 filter"}}),
            (Obstacles{{"iptables-legacy has tables (ip filter, ip6 filter), which nf_tables does not show: they may "
                        "drop what pods send and receive",
                        "if iptables-legacy -S FORWARD shows that they do: iptables-legacy -I FORWARD -i podrun+ -j "
                        "ACCEPT && iptables-legacy -I FORWARD -o podrun+ -j ACCEPT"}}));
}

TEST(Firewall, LibvirtIsRecognizedByEitherBackEnd) {
  const auto by_iptables = find_obstacles({.names = {"ip filter LIBVIRT_FWI"}});
  ASSERT_EQ(by_iptables.size(), 1U);
  EXPECT_EQ(by_iptables.front().what, "libvirt rejects new connections from pods to the guests of its NAT networks");
  EXPECT_EQ(find_obstacles({.chains = {forward("ip", "libvirt_network", "forward", false)}}), by_iptables);
}

// ---- rule sets in the kernel ----

class RootFirewall : public OwnNetwork {
 protected:
  static void load(const std::string& name) {
    run("nft -f " PODRUN_SOURCE_DIR "/tests/namespaces/network/data/" + name + ".nft");
  }
  /// The obstacles that the kernel's tables are. /proc is that of no test: iptables-legacy is the machine's.
  static Obstacles obstacles() {
    const auto state = read_firewalls("/nowhere");
    EXPECT_TRUE(state) << state.error().message;
    return state ? find_obstacles(*state) : Obstacles{};
  }
};

TEST_F(RootFirewall, AHostWithoutRulesHasNoObstacles) { EXPECT_EQ(obstacles(), Obstacles{}); }

TEST_F(RootFirewall, DockersRulesAreRecognized) {
  load("docker");
  EXPECT_EQ(obstacles(), (Obstacles{{"the policy of \"ip filter FORWARD\" is drop (Docker), and podrun lets each pod "
                                     "pass in DOCKER-USER",
                                     ""}}));
}

TEST_F(RootFirewall, UfwsRulesAreRecognized) {
  load("ufw");
  const std::string cure = "ufw route allow in on podrun+ && ufw route allow out on podrun+";
  EXPECT_EQ(obstacles(), (Obstacles{{"the policy of \"ip filter FORWARD\" is drop (ufw)", cure},
                                    {"the policy of \"ip6 filter FORWARD\" is drop (ufw)", cure}}));
}

TEST_F(RootFirewall, FirewalldsRulesAreRecognized) {
  load("firewalld");
  ASSERT_EQ(obstacles().size(), 1U);
  EXPECT_EQ(obstacles().front().what, "firewalld rejects what pods send to other machines and to each other");
  run("nft add chain inet firewalld filter_FWD_podrun");
  EXPECT_EQ(obstacles(), Obstacles{});
}

TEST_F(RootFirewall, TheCuresOfIptablesAndNftAreCommandsThatTheyTake) {
  run("iptables-nft -P FORWARD DROP && nft 'add table inet filter; add chain inet filter forward { type filter hook "
      "forward priority 0; policy drop; }'");
  const Obstacles found = obstacles();
  ASSERT_EQ(found.size(), 2U);
  for (const FirewallObstacle& each : found) run(each.cure);
}

TEST_F(RootFirewall, ManyChainsAreReadInSeveralAnswers) {
  std::string commands = "nft 'add table inet many";
  for (int i = 0; i < 1000; ++i)
    commands += fmt::format("; add chain inet many c{} {{ type filter hook forward priority 0; policy drop; }}", i);
  run(commands + "'");
  EXPECT_EQ(obstacles().size(), 1000U);
}

TEST_F(RootFirewall, TablesOfIptablesLegacyAreListed) {
  const std::string root = testing::TempDir() + "firewall-" + std::to_string(::getpid());
  run("mkdir -p " + root + "/proc/net");
  std::ofstream(root + "/proc/net/ip_tables_names") << "nat\nfilter\n" << std::flush;
  std::ofstream(root + "/proc/net/ip6_tables_names") << "" << std::flush;
  EXPECT_EQ(read_firewalls(root).value().legacy, (std::vector<std::string>{"ip nat", "ip filter"}));
  run("rm -r " + root);
}

}  // namespace
}  // namespace podrun::ns
