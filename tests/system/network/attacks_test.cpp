// What a pod tries with frames of its own, and others with a pod's sockets. Each test sends what succeeds last: the
// attempts before it have been answered by then.
#include <fmt/format.h>

#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

const std::string frames = "python3 " PODRUN_SOURCE_DIR "/tests/system/network/frames.py ";
const std::string sockets = "python3 " PODRUN_SOURCE_DIR "/tests/system/network/sockets.py ";

class NetworkAttacks : public testing::Test {
 protected:
  struct Attacker {
    std::string id;
    std::string ipv4, ipv6, interface;
    Processes processes;
  };

  Attacker start(const std::string& name, const std::string& ports = "") {
    std::string text = two_sleepers(name);
    if (!ports.empty()) text += "    ports: [" + ports + "]\n";
    const Finished started = run(root_, {"-d", root_.write(name + ".yaml", text)});
    EXPECT_EQ(started.status, 0) << started.err;
    const std::string id = "default_" + name;
    const auto record = wait_for_state(root_, id, [](const auto& each) { return !each.networks.empty(); });
    const auto& network = record.networks.at(0);
    return {id, pod::text_of(*network.addresses.ipv4), pod::text_of(*network.addresses.ipv6), network.interface,
            processes_of(root_, id)};
  }
  /// Runs a command in the network namespace of a pod.
  static Shell in(const Attacker& pod, const std::string& command) {
    return shell(fmt::format("nsenter -t {} -n {}", pod.processes.pause, command));
  }
  /// What is heard at the port of the attacks while `attack` runs, as lines.
  static std::string heard(const std::string& where, const std::function<Shell()>& attack) {
    PodRun hears({"/bin/sh", "-c", where + frames + "hear"});
    EXPECT_TRUE(hears.wait_for_out("hears"));
    const Shell done = attack();
    EXPECT_EQ(done.status, 0) << done.out;
    EXPECT_EQ(hears.wait_exit(), 0) << hears.err();
    return hears.out();
  }

  TemporaryRoot root_;
  Lan lan_;
};

constexpr char only_the_last[] = "hears\nlast\nlast\n";

TEST_F(NetworkAttacks, TheHostHearsOnlyTheAddressOfAPodAndNeverAtItsLoopback) {
  const Attacker pod = start("p");
  const Attacker other = start("other");
  // Without it the kernel drops what is for 127.0.0.1 itself, CVE-2020-8558.
  ASSERT_EQ(shell("sysctl -w net.ipv4.conf.all.route_localnet=1").status, 0);
  EXPECT_EQ(heard("", [&] {
              return in(pod, frames + fmt::format("forge {} {} {} {} 192.0.2.2 192.0.2.1 10.77.0.1 {} 2001:db8::2 "
                                                  "2001:db8::1 fe80::1 :: {}",
                                                  pod.ipv4, pod.ipv6, host_ipv4, host_ipv6, other.ipv4, other.ipv6));
            }),
            only_the_last);
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "p", "other"}).status, 0);
}

TEST_F(NetworkAttacks, AnotherPodHearsOnlyTheAddressOfAPod) {
  const Attacker pod = start("p");
  const Attacker other = start("other");
  EXPECT_EQ(heard(fmt::format("nsenter -t {} -n ", other.processes.pause), [&] {
              return in(pod, frames + fmt::format("forge {} {} {} {} 192.0.2.2 192.0.2.1 10.77.0.1 {} 2001:db8::2 "
                                                  "2001:db8::1 fe80::1 {}",
                                                  pod.ipv4, pod.ipv6, other.ipv4, other.ipv6, other.ipv4, other.ipv6));
            }),
            only_the_last);
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "p", "other"}).status, 0);
}

TEST_F(NetworkAttacks, TheHostLearnsNoNeighbourRouteOrRedirectFromAPod) {
  const Attacker pod = start("p");
  ASSERT_EQ(shell("sysctl -w net.ipv6.conf." + pod.interface + ".accept_ra=2").status, 0);
  const auto known = [&] {
    return shell("ip neighbour show dev " + pod.interface + "; ip route; ip -6 route; ip -6 route show cache").out;
  };
  const std::string before = known();
  EXPECT_EQ(heard("", [&] {
              return in(pod, frames + fmt::format("speak {} {} {} {}", pod.ipv4, pod.ipv6, host_ipv4, host_ipv6));
            }),
            only_the_last);
  EXPECT_EQ(known(), before);
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "p"}).status, 0);
}

TEST_F(NetworkAttacks, NobodyTakesAPortOfAPodOver) {
  const Attacker pod = start("p", "{containerPort: 80, hostPort: 8080}, "
                                  "{containerPort: 80, hostPort: 8080, protocol: UDP}");
  EXPECT_EQ(shell(sockets + "take 8080").out, "");
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "p"}).status, 0);
  EXPECT_NE(shell(sockets + "take 8080").out, "") << "it is free again";
}

TEST_F(NetworkAttacks, ATakenOverForwarderReachesNothingThroughTheSocketsOfItsPorts) {
  const Attacker pod = start("p", "{containerPort: 80, hostPort: 8080}, "
                                  "{containerPort: 80, hostPort: 8080, protocol: UDP}");
  EXPECT_EQ(fetched("http://127.0.0.1:8080"), "");  // nobody serves, but the forwarder has started
  const auto forwarders = [&] {
    int count = 0;
    // The kernel keeps 15 characters of a name.
    for (const pid_t child : children_of(pod.processes.pause)) count += comm_of(child) == "podrun-forwarde";
    return count;
  };
  ASSERT_EQ(forwarders(), 1);
  EXPECT_EQ(shell(sockets + fmt::format("use {} {} 9998", pod.processes.pause, client_ipv4)).out, "2 sockets\n");
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "p"}).status, 0);
}

}  // namespace
}  // namespace podrun::test
