// Networks that cannot be: what is wrong is told with its place, nothing starts, and nothing is left.
#include <filesystem>
#include <fstream>
#include <regex>

#include <fmt/format.h>

#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// What the message has to say.
struct Bad {
  std::string input;
  int status;
  std::string message;
};

/// A pod whose container has these ports.
std::string pod_with(const std::string& ports, const std::string& name = "bad") {
  return manifest(name, {{.name = "app", .script = "sleep 1000", .fields = "ports:\n" + ports}});
}

class BadNetwork : public testing::Test {
 protected:
  std::string config() const { return root_.layout().network_file(); }
  void configure(const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(config()).parent_path());
    std::ofstream(config()) << text;
  }

  /// Starts the pod, and expects that this fails and leaves nothing.
  void expect_refusal(const std::string& text, const Bad& bad) {
    const HostSnapshot before = snapshot(root_);
    const Finished started = run(root_, {"-d", root_.write("bad.yaml", text)});
    EXPECT_EQ(started.status, bad.status) << bad.input << started.err;
    EXPECT_TRUE(holds(started.err, bad.message)) << bad.input << "\n" << started.err;
    EXPECT_EQ(started.out, "");
    EXPECT_EQ(changes(before, snapshot(root_)), "") << bad.input;
    EXPECT_EQ(shell("nft list ruleset").out, "") << bad.input;
  }

  TemporaryRoot root_;
  Lan lan_;
};

TEST_F(BadNetwork, AMistakeInTheConfigurationHasItsPlace) {
  const std::vector<Bad> rows{
      {"ipv4: {subnet: 10.1.2.0/33}", 3, ":1:16: subnet must be an IPv4 prefix, such as 10.77.0.0/16"},
      {"ipv4: {subnet: 10.1.2.0/29}", 3, ":1:16: an IPv4 subnet of pods must be from /8 to /24, but this is a /29"},
      {"ipv4: on\nipv5: off", 3, ":2:1: unknown field \"ipv5\" in network.yaml; did you mean \"ipv4\"?"},
      {"mtu: many", 3, ":1:6: mtu must be a number from 1280 to 65535"},
      {"ipv4: [", 3, ":1:7: this bracket is never closed"},
      {"ipv4: off\nipv6: off", 3, ":2:7: ipv4 and ipv6 are both off"}};
  for (const Bad& bad : rows) {
    configure(bad.input);
    expect_refusal(two_sleepers("bad"), {bad.input, bad.status, config() + bad.message});
    const Finished shown = run(root_, {"network"});
    EXPECT_EQ(shown.status, bad.status);
    EXPECT_TRUE(holds(shown.err, config() + bad.message)) << shown.err;
    const Finished checked = run(root_, {"check", root_.write("bad.yaml", two_sleepers("bad"))});
    EXPECT_EQ(checked.status, 0) << "the manifest may be for another host";
    EXPECT_TRUE(holds(checked.err, config() + bad.message)) << checked.err;
    EXPECT_TRUE(holds(run(root_, {"info"}).out, config() + bad.message));
  }
}

TEST_F(BadNetwork, ASubnetThatARouteOverlapsIsNamedWithTheRoute) {
  configure("ipv4: {subnet: 192.0.0.0/16}");
  const std::string why =
      "the host's route 192.0.2.0/24 (up0) overlaps the subnet of pods 192.0.0.0/16: choose another one as ipv4.subnet";
  expect_refusal(two_sleepers("bad"), {"overlap", 3, "the pod gets no network on this host: " + why});
  EXPECT_TRUE(holds(run(root_, {"network"}).out, "none: " + why));
  EXPECT_TRUE(holds(run(root_, {"check", root_.path() + "/bad.yaml"}).err, why));
  configure("ipv6: {subnet: \"2001:db8::/64\"}");
  expect_refusal(two_sleepers("bad"), {"overlap", 3, "the host's route 2001:db8::/64 (up0) overlaps"});
}

TEST_F(BadNetwork, APodWithoutANetworkStartsAllTheSame) {
  configure("ipv4: {subnet: 192.0.0.0/16}");
  std::string text = two_sleepers("lonely");
  text.insert(text.find("metadata:\n") + 10, "  annotations:\n    podrun.io/network: none\n");
  ASSERT_EQ(run(root_, {"-d", root_.write("lonely.yaml", text)}).status, 0);
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "lonely"}).status, 0);
}

TEST_F(BadNetwork, AnExhaustedSubnetIsTold) {
  configure("ipv4: {subnet: 10.1.2.0/24}\nipv6: off");
  // All 253 numbers have others: a claim is a socket that is bound to port 1 of the address.
  PodRun others({"/usr/bin/python3", "-c",
                 "import socket,time\n"
                 "held=[]\n"
                 "for n in range(2,255):\n"
                 "  s=socket.socket(); s.setsockopt(socket.SOL_IP,15,1); s.bind(('10.1.2.%d'%n,1)); held.append(s)\n"
                 "print('all',flush=True); time.sleep(1000)\n"});
  ASSERT_TRUE(others.wait_for_out("all"));
  expect_refusal(two_sleepers("bad"), {"exhausted", 3, "no address of 10.1.2.0/24 is free"});
}

TEST_F(BadNetwork, APortThatCannotBeIsToldWithItsField) {
  const std::vector<Bad> rows{
      {"- {containerPort: 80, hostPort: 70000}", 2, "error: hostPort must be from 0 to 65535"},
      {"- {containerPort: 80, hostPort: 8080}\n- {containerPort: 81, hostPort: 8080}", 2,
       "error: the host port 8080/TCP is taken"},
      {"- {containerPort: 80, hostPort: 8080, hostIP: nonsense}", 2,
       "error: hostIP \"nonsense\" must be an IPv4 or IPv6 address"},
      {"- {containerPort: 80, hostPort: 8080, hostIP: 203.0.113.7}", 3,
       "pod bad: container app: hostIP: port 8080/TCP of 203.0.113.7: the host has no address 203.0.113.7"}};
  for (const Bad& bad : rows) {
    expect_refusal(pod_with(bad.input), bad);
    if (bad.status != 2) continue;
    const Finished started = run(root_, {"-d", root_.path() + "/bad.yaml"});
    EXPECT_TRUE(std::regex_search(started.err, std::regex("bad\\.yaml:[0-9]+:[0-9]+: error"))) << started.err;
  }
}

TEST_F(BadNetwork, APortThatIsTakenIsToldWithWhoHasIt) {
  const std::string port = pod_with("- {containerPort: 80, hostPort: 8080}");
  PodRun other({"/usr/bin/python3", "-c",
                "import socket,time\ns=socket.socket(); s.bind(('192.0.2.1',8080)); s.listen()\n"
                "print('listens',flush=True); time.sleep(1000)\n"});
  ASSERT_TRUE(other.wait_for_out("listens"));
  expect_refusal(port, {"a process", 3,
                        fmt::format("pod bad: container app: hostPort: port 8080/TCP of the host is taken by python3 "
                                    "(pid {})",
                                    other.pid())});
}

TEST_F(BadNetwork, APortOfAnotherPodIsToldWithThePod) {
  ASSERT_EQ(run(root_, {"-d", root_.write("first.yaml", pod_with("- {containerPort: 80, hostPort: 8080}", "first"))})
                .status,
            0);
  const auto networks = [] { return shell("ip -o link; nft list tables").out; };
  const std::string before = networks();
  const Finished second =
      run(root_, {root_.write("bad.yaml", pod_with("- {containerPort: 80, hostPort: 8080}"))});
  EXPECT_EQ(second.status, 3);
  EXPECT_TRUE(holds(second.err,
                    "podrun: pod bad: container app: hostPort: port 8080/TCP of the host is taken by pod first\n"));
  EXPECT_EQ(networks(), before);
  EXPECT_EQ(run(root_, {"ps", "-q"}).out, "first\n");
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "first"}).status, 0);
}

}  // namespace
}  // namespace podrun::test
