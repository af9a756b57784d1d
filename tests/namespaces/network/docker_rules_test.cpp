// The rules in Docker's chain DOCKER-USER, as iptables-nft(8) makes it: they open the way for pods, and go.
#include <cerrno>

#include <gtest/gtest.h>

#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

const pod::network::DockerRule step{"ip", "podrun5", "podrun default_web"},
    step6{"ip6", "podrun5", "podrun default_web"};
constexpr auto way_in = "-A DOCKER-USER -o podrun5 -m comment --comment \"podrun default_web podrun5\" -j ACCEPT\n";
constexpr auto way_out = "-A DOCKER-USER -i podrun5 -m comment --comment \"podrun default_web podrun5\" -j ACCEPT\n";

class RootDockerRules : public testing::Test {
 protected:
  /// What Docker does with the host's rules.
  void start_docker() {
    for (const std::string program : {"iptables-nft", "ip6tables-nft"}) {
      world_.host.run({program, "-P", "FORWARD", "DROP"});
      world_.host.run({program, "-N", "DOCKER-USER"});
      world_.host.run({program, "-A", "DOCKER-USER", "-j", "RETURN"});
      world_.host.run({program, "-I", "FORWARD", "-j", "DOCKER-USER"});
    }
  }
  template <typename Action>
  Result<> in_host(Action action, const pod::network::DockerRule& rule) {
    Result<> result;
    world_.host.in([&] { result = action(rule); });
    return result;
  }
  std::string chain(const std::string& program = "iptables-nft") {
    return world_.host.run({program, "-S", "DOCKER-USER"});
  }

  NetworkWorld world_;
};

TEST_F(RootDockerRules, TheyOpenTheWayToThePodAndBack) {
  start_docker();
  const TestPod pod = world_.add_pod(5, {{6, 8080, 80}});
  const Fd ipv4 = pod.network.listener("0.0.0.0", 80), ipv6 = pod.network.listener("fd77:1::5", 80);
  const auto added = in_host(add_docker_rule, step), added6 = in_host(add_docker_rule, step6);
  ASSERT_TRUE(added) << added.error().message;
  ASSERT_TRUE(added6) << added6.error().message;
  EXPECT_TRUE(world_.client.connects(host_ipv4, 8080));
  EXPECT_TRUE(world_.client.connects(host_ipv6, 8080));
}

TEST_F(RootDockerRules, IptablesShowsThemAndStillWorks) {
  start_docker();
  const auto before = chain();
  ASSERT_TRUE(in_host(add_docker_rule, step));
  EXPECT_TRUE(chain().contains(way_in)) << chain();
  EXPECT_TRUE(chain().contains(way_out)) << chain();
  EXPECT_TRUE(world_.host.run({"nft", "list", "chain", "ip", "filter", "DOCKER-USER"})
                  .contains("accept comment \"podrun default_web podrun5\""));
  world_.host.run({"iptables-nft", "-A", "DOCKER-USER", "-i", "foo", "-j", "ACCEPT"});
  world_.host.run({"iptables-nft", "-D", "DOCKER-USER", "-i", "foo", "-j", "ACCEPT"});
  ASSERT_TRUE(in_host(remove_docker_rule, step));
  EXPECT_EQ(chain(), before);
}

TEST_F(RootDockerRules, TheyAreAddedOnceAndRemovedOnce) {
  start_docker();
  ASSERT_TRUE(in_host(add_docker_rule, step));
  const auto once = chain();
  EXPECT_TRUE(in_host(add_docker_rule, step));
  EXPECT_EQ(chain(), once);
  EXPECT_TRUE(in_host(remove_docker_rule, step));
  EXPECT_TRUE(in_host(remove_docker_rule, step));
  EXPECT_EQ(chain(), "-N DOCKER-USER\n-A DOCKER-USER -j RETURN\n");
}

TEST_F(RootDockerRules, OneOfTheTwoIsMadeWhole) {
  start_docker();
  ASSERT_TRUE(in_host(add_docker_rule, step));
  const auto whole = chain();
  world_.host.run({"iptables-nft", "-D", "DOCKER-USER", "1"});
  ASSERT_NE(chain(), whole);
  ASSERT_TRUE(in_host(add_docker_rule, step));
  EXPECT_EQ(chain(), whole);
}

TEST_F(RootDockerRules, ThoseOfOtherPodsStay) {
  start_docker();
  ASSERT_TRUE(in_host(add_docker_rule, step));
  ASSERT_TRUE(in_host(add_docker_rule, {"ip", "podrun6", "podrun default_db"}));
  ASSERT_TRUE(in_host(remove_docker_rule, step));
  EXPECT_TRUE(chain().contains("podrun6"));
  EXPECT_FALSE(chain().contains("podrun5"));
}

TEST_F(RootDockerRules, LongNamesThatBeginAlikeAreDistinguished) {
  start_docker();
  const std::string name = "podrun default_" + std::string(250, 'x');
  ASSERT_TRUE(in_host(add_docker_rule, {"ip", "podrun5", name + "a"}));
  const auto before = chain();
  ASSERT_TRUE(in_host(add_docker_rule, {"ip", "podrun6", name + "b"}));
  ASSERT_TRUE(chain().contains("podrun6"));
  ASSERT_TRUE(in_host(remove_docker_rule, {"ip", "podrun6", name + "b"}));
  EXPECT_EQ(chain(), before);
}

TEST_F(RootDockerRules, WithoutTheChainAddingIsAnErrorAndRemovingIsNone) {
  const auto refused = in_host(add_docker_rule, step);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().number, ENOENT);
  EXPECT_TRUE(in_host(remove_docker_rule, step));
  start_docker();
  ASSERT_TRUE(in_host(add_docker_rule, step));
  world_.host.run({"iptables-nft", "-F"});
  world_.host.run({"iptables-nft", "-X", "DOCKER-USER"});
  EXPECT_TRUE(in_host(remove_docker_rule, step));
}

}  // namespace
}  // namespace podrun::ns
