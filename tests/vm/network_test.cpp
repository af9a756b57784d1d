// The network of pods on Debian's kernel and under systemd: who reaches a unit's pod, and that nothing of it is left.
#include <signal.h>

#include <algorithm>

#include <fmt/format.h>

#include "tests/system/network/lan.hpp"
#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

/// A pod with a web server at port 8080 of the host, which is a Service, too.
std::string server(const std::string& name) {
  const std::string serve = "mkdir /www && echo " + name +
                            " > /www/index.html && httpd -p 80 -h /www && echo serves && exec sleep 1000";
  std::string text = manifest(name, {{"a", serve, "ports: [{containerPort: 80, hostPort: 8080}]"}}, at_once);
  text.insert(text.find("metadata:\n") + 10, "  labels: {app: server}\n");
  return text + "---\napiVersion: v1\nkind: Service\nmetadata: {name: store}\n"
                "spec: {selector: {app: server}, ports: [{port: 80}]}\n";
}

std::string interfaces_of_pods() {
  return shell("ip -oneline link show type veth | grep -o 'podrun[0-9][0-9]*' | sort -u").out;
}

/// All that a network adds to a host, as text.
std::string traces() {
  return interfaces_of_pods() +
         shell("nft list tables | grep podrun; ip address | grep '10[.]77'; "
               "ip route show table all | grep -o 'podrun[0-9].*'; "
               "ls -A /run/podrun/.names /run/podrun/.sysctls /var/lib/podrun/leases 2>/dev/null | grep default_; "
               "conntrack -L 2>/dev/null | grep '10[.]77'")
             .out;
}

std::string forwarding() { return contents_of("/proc/sys/net/ipv4/ip_forward"); }

/// Sets the kernel's parameter for the time of a test.
class Forwarding {
 public:
  explicit Forwarding(const std::string& value) { set(value); }
  ~Forwarding() { set(former_); }

 private:
  static void set(const std::string& value) { (void)shell("sysctl -w net.ipv4.ip_forward=" + value); }
  const std::string former_ = forwarding();
};

/// Nothing of a pod stays, but its interface may stay a little longer than its processes.
testing::AssertionResult has_no_traces() {
  const Deadline deadline = soon();
  std::string left;
  do {
    left = traces();
    if (left.empty()) return testing::AssertionSuccess();
  } while (std::chrono::steady_clock::now() < deadline);
  return testing::AssertionFailure() << left;
}

/// No other pod runs: systemd has started `boot` with the machine.
class UnitNetwork : public testing::Test {
 protected:
  UnitNetwork() { EXPECT_EQ(Unit("boot").systemctl("stop").status, 0); }
};

// Other firewalls begin with a flush, as Debian's /etc/nftables.conf does.
TEST_F(UnitNetwork, AUnitServesPortsAndNamesAfterAFlushOfRulesAndLeavesNothing) {
  const Forwarding off("0");
  const Lan lan;
  Unit pod("server", server("server"));
  ASSERT_TRUE(pod.start());
  EXPECT_EQ(forwarding(), "1\n");
  EXPECT_EQ(shell("nft flush ruleset").out, "");
  ASSERT_TRUE(pod.wait_for_journal("a | serves"));
  for (const char* const url : {"http://192.0.2.1:8080", "http://[2001:db8::1]:8080"}) {
    EXPECT_EQ(fetched_by(lan, url), "server\n") << url;
    EXPECT_EQ(fetched(url), "server\n") << url;
  }
  for (const char* const url : {"http://127.0.0.1:8080", "http://[::1]:8080"})
    EXPECT_EQ(fetched(url), "server\n") << url;
  const Finished named = command({"/usr/bin/podrun", "exec", "server", "--", "wget", "-q", "-O", "-", "http://store"});
  EXPECT_EQ(named.out, "server\n") << named.err;

  EXPECT_EQ(pod.systemctl("stop").status, 0);
  EXPECT_EQ(pod.property("Result"), "success") << pod.journal();
  EXPECT_TRUE(has_no_traces());
  EXPECT_EQ(forwarding(), "0\n");
}

TEST_F(UnitNetwork, ARestartedUnitKeepsItsAddress) {
  Unit pod("server", server("server"));
  ASSERT_TRUE(pod.start());
  const std::string interface = interfaces_of_pods();
  EXPECT_NE(interface, "");
  EXPECT_EQ(pod.systemctl("restart").status, 0);
  EXPECT_EQ(interfaces_of_pods(), interface);
}

TEST_F(UnitNetwork, AKilledPauseLeavesNothing) {
  const Forwarding off("0");
  Unit pod("server", server("server"), "Restart=no");
  ASSERT_TRUE(pod.start());
  EXPECT_NE(traces(), "");
  const auto pause = ns::open_process(pod.main_process());
  ASSERT_TRUE(ns::send_signal(*pause, SIGKILL));
  EXPECT_TRUE(pod.wait_for_journal("Failed with result 'signal'"));
  EXPECT_TRUE(has_no_traces());
  EXPECT_EQ(forwarding(), "0\n");
}

/// The machine was killed in its former boot, when the units `boot`, which is examples/pods/web.yaml, and `unplugged`
/// ran: tests/vm/first-boot.
class KilledMachine : public UnitNetwork {
 protected:
  /// The interfaces of both, each on a line.
  static std::string former_interfaces() {
    std::string words = contents_of("/proc/cmdline");
    const std::string name = "podrun.killed=";
    words = words.substr(words.find(name) + name.size());
    words = words.substr(0, words.find_first_of(" \n")) + "\n";
    std::ranges::replace(words, ',', '\n');
    return words;
  }
};

TEST_F(KilledMachine, ItsPodsAreDeadAndHaveLeftNoNetwork) {
  EXPECT_EQ(traces(), "");
  const Finished listed = command({"/usr/bin/podrun", "ps", "-a"});
  EXPECT_TRUE(matches(listed.out, "unplugged +0/0 +Dead")) << listed.err;
  const Finished network = command({"/usr/bin/podrun", "network"});
  EXPECT_EQ(network.status, 0) << network.err;
  EXPECT_FALSE(holds(network.out, "unplugged")) << network.out;
}

TEST_F(KilledMachine, ItsPodsStartAgainWithTheirAddressesAndPorts) {
  ASSERT_EQ(lines_of(former_interfaces()).size(), 2U);
  Unit boot("boot"), unplugged("unplugged");
  ASSERT_TRUE(boot.start());
  ASSERT_TRUE(unplugged.start());
  EXPECT_EQ(interfaces_of_pods(), former_interfaces());
  EXPECT_EQ(fetched("http://127.0.0.1:8081"), "Hello from unplugged\n");
  const Finished network = command({"/usr/bin/podrun", "network"});
  EXPECT_TRUE(matches(network.out, "\nunplugged +podrun[0-9]+ +10[.]77")) << network.err;
  EXPECT_TRUE(matches(network.out, "\nweb +podrun[0-9]+ +10[.]77")) << network.err;
  // In the former boot it was 0 before there were pods, and in this one it was 1.
  EXPECT_EQ(unplugged.systemctl("stop").status, 0);
  EXPECT_EQ(boot.systemctl("stop").status, 0);
  EXPECT_EQ(forwarding(), "1\n");
  EXPECT_TRUE(has_no_traces());
}

}  // namespace
}  // namespace podrun::test
