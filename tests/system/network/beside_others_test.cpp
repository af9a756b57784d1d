// Pods beside other users of the host's network: their filters, their routes, and what the host cannot do.
#include <signal.h>

#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

std::string fixture(const std::string& name) {
  return std::string(PODRUN_SOURCE_DIR "/tests/namespaces/network/data/") + name + ".nft";
}
std::string docker_user() { return shell("nft list chain ip filter DOCKER-USER").out; }

/// A pod whose port 80 is published at port 8080 of the host.
class BesideOthers : public testing::Test {
 protected:
  /// The other tests of this process have the same host.
  void TearDown() override {
    (void)shell("nft flush ruleset; echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6; ip link delete up9");
  }
  void start(const std::string& name = "web", const std::string& port = "8080") {
    const std::string text = manifest(
        name, {{.name = "app",
                .script = until_stopped_after("mkdir -p /www && echo page > /www/index.html && httpd -p 80 -h /www"),
                .fields = "ports: [{containerPort: 80, hostPort: " + port + "}]\n"
                          "readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 1}"}});
    const Finished started = run(root_, {"-d", "--wait=ready", root_.write(name + ".yaml", text)});
    ASSERT_EQ(started.status, 0) << started.err;
  }
  Finished network() { return run(root_, {"network"}); }

  TemporaryRoot root_;
  Lan lan_;
};

TEST_F(BesideOthers, DockersRulesLetPodsPassAsLongAsTheyRun) {
  ASSERT_EQ(shell("nft -f " + fixture("docker")).status, 0);
  const std::string before = docker_user();
  start();
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8080"), "page\n");
  EXPECT_TRUE(holds(docker_user(), "podrun default_web")) << docker_user();
  start("other", "8081");
  const Finished to_other = run(root_, {"exec", "web", "--", "timeout", "3", "wget", "-q", "-O", "-",
                                        "http://other.default.svc.cluster.local"});
  EXPECT_EQ(to_other.out, "page\n") << to_other.err;
  ASSERT_EQ(run(root_, {"stop", "web", "other"}).status, 0);
  EXPECT_EQ(docker_user(), before);
}

TEST_F(BesideOthers, TheNextCommandRemovesTheRulesOfAKilledPod) {
  ASSERT_EQ(shell("nft -f " + fixture("docker")).status, 0);
  const std::string before = docker_user();
  start();
  // A supervisor that lives would remove them itself.
  const Processes processes = processes_of(root_, "default_web");
  ASSERT_EQ(::kill(processes.supervisor, SIGSTOP), 0);
  ASSERT_EQ(::kill(processes.pause, SIGKILL), 0);
  ASSERT_EQ(::kill(processes.supervisor, SIGKILL), 0);
  ASSERT_TRUE(wait_until_dead(processes.pause));
  EXPECT_NE(docker_user(), before);
  EXPECT_EQ(run(root_, {"rm", "--leftovers"}).status, 0);
  EXPECT_EQ(docker_user(), before);
}

TEST_F(BesideOthers, AFlushOfTheRulesLeavesThoseOfPods) {
  start();
  ASSERT_EQ(shell("nft flush ruleset").status, 0);
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8080"), "page\n");
  ASSERT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(BesideOthers, AnotherFirewallThatDropsIsNamedWithItsCure) {
  ASSERT_EQ(shell("nft -f " + fixture("ufw")).status, 0);
  EXPECT_TRUE(holds(network().out, "ufw route allow")) << network().out;
  ASSERT_EQ(shell("nft flush ruleset; nft -f " + fixture("firewalld")).status, 0);
  EXPECT_TRUE(holds(network().out, "firewall-cmd")) << network().out;
}

TEST_F(BesideOthers, WithoutIpv6PodsHaveIpv4Alone) {
  ASSERT_EQ(shell("echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6").status, 0);
  start();
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8080"), "page\n");
  EXPECT_EQ(fetched("http://127.0.0.1:8080"), "page\n");
  EXPECT_TRUE(holds(network().out, "IPv6")) << network().out;
  EXPECT_TRUE(holds(network().out, "off: ")) << network().out;
  ASSERT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(BesideOthers, ASubnetOfTheHostIsLeftToIt) {
  ASSERT_EQ(shell("ip route add 10.77.0.0/16 dev up0").status, 0);
  start();
  EXPECT_TRUE(holds(run(root_, {"ps", "-o", "wide"}).out, "10.78.")) << run(root_, {"ps", "-o", "wide"}).out;
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8080"), "page\n");
  ASSERT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(BesideOthers, ParametersThatCannotBeWrittenAreNamedWithTheAnnotation) {
  ASSERT_EQ(shell("echo 0 > /proc/sys/net/ipv4/ip_forward").status, 0);
  const std::string file = root_.write("p.yaml", two_sleepers("p"));
  const HostSnapshot before = snapshot(root_);
  const Shell refused = shell("unshare -m sh -c 'mount -t proc proc /proc; mount -o remount,bind,ro /proc/sys 2>&- || "
                              "mount --bind -o ro /proc/sys /proc/sys; exec " +
                              podrun_program + " --root " + root_.path() + " -d " + file + "'");
  EXPECT_EQ(refused.status, 3) << refused.out;
  EXPECT_TRUE(holds(refused.out, "podrun.io/network")) << refused.out;
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_F(BesideOthers, ForeignTransitIsDroppedWherePodrunTurnedForwardingOn) {
  ASSERT_EQ(shell("echo 0 > /proc/sys/net/ipv4/ip_forward; ip link add up9 type veth peer name far9; "
                  "ip address add 198.51.100.1/24 dev up9; ip link set up9 up; ip link set far9 up")
                .status,
            0);
  start();
  ASSERT_EQ(lan_.on_client("ip route add 198.51.100.0/24 via 192.0.2.1").status, 0);
  // The host looks for the neighbour of a packet that it forwards.
  const auto is_forwarded = [&] {
    (void)lan_.on_client("curl -s --max-time 1 http://198.51.100.7");
    return !shell("ip neigh show 198.51.100.7").out.empty();
  };
  EXPECT_FALSE(is_forwarded());
  ASSERT_EQ(run(root_, {"stop", "web"}).status, 0);
  EXPECT_EQ(shell("cat /proc/sys/net/ipv4/ip_forward").out, "0\n");
  ASSERT_EQ(shell("echo 1 > /proc/sys/net/ipv4/ip_forward").status, 0);
  EXPECT_TRUE(is_forwarded()) << "the host of this test could forward";
}

}  // namespace
}  // namespace podrun::test
