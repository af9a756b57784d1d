// The veth pair of a pod: both ends, their addresses and routes, and what happens when a step is repeated.
#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <signal.h>
#include <cerrno>
#include <array>
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "namespaces/network/link_state.hpp"
#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

class RootPodLink : public testing::Test {
 protected:
  bool has(const TestNetwork& network, const std::vector<std::string>& words, const std::string& text) {
    shown_ = network.run(words);
    return shown_.find(text) != std::string::npos;
  }
  Result<> link(const TestPod& pod, const std::string& alias) {
    Result<> result;
    world_.host.in([&] { result = make_link({pod.interface, alias, 1400}, pod.network.get()); });
    return result;
  }

  NetworkWorld world_;
  std::string shown_;
};

TEST_F(RootPodLink, TheHostsEndHasAliasMtuAndTheGatewaysAddress) {
  const TestPod pod = world_.new_pod(5);
  world_.connect(pod, 1400);
  EXPECT_TRUE(has(world_.host, {"ip", "-d", "link", "show", "podrun5"}, "alias podrun default_web")) << shown_;
  EXPECT_TRUE(has(world_.host, {"ip", "-d", "link", "show", "podrun5"}, "mtu 1400")) << shown_;
  EXPECT_TRUE(has(world_.host, {"ip", "-d", "link", "show", "podrun5"}, "addrgenmode none")) << shown_;
  EXPECT_TRUE(has(world_.host, {"ip", "address", "show", "podrun5"}, "inet 10.77.0.1/32 scope link")) << shown_;
  EXPECT_TRUE(has(world_.host, {"ip", "address", "show", "podrun5"}, "inet6 fd77:1::1/128")) << shown_;
  EXPECT_TRUE(has(world_.host, {"ip", "route"}, "10.77.0.5 dev podrun5 proto static scope link src 10.77.0.1"))
      << shown_;
  EXPECT_TRUE(has(world_.host, {"ip", "-6", "route"}, "fd77:1::5 dev podrun5 proto static src fd77:1::1")) << shown_;
  for (const auto setting : {"accept_redirects", "send_redirects", "accept_source_route", "proxy_arp"})
    EXPECT_EQ(world_.host.run({"cat", std::string("/proc/sys/net/ipv4/conf/podrun5/") + setting}), "0\n") << setting;
}

TEST_F(RootPodLink, ThePodsEndHasItsAddressesAndTheWayToEverywhere) {
  const TestPod pod = world_.new_pod(5);
  world_.connect(pod, 1400);
  EXPECT_TRUE(has(pod.network, {"ip", "-d", "link", "show", "eth0"}, "mtu 1400")) << shown_;
  EXPECT_TRUE(has(pod.network, {"ip", "-d", "link", "show", "eth0"}, "addrgenmode none")) << shown_;
  EXPECT_TRUE(has(pod.network, {"ip", "route"}, "default via 10.77.0.1 dev eth0 proto static src 10.77.0.5 onlink"))
      << shown_;
  EXPECT_TRUE(has(pod.network, {"ip", "-6", "route"},
                  "default via fd77:1::1 dev eth0 proto static src fd77:1::5 metric 1024 onlink"))
      << shown_;
  EXPECT_TRUE(has(pod.network, {"ip", "address", "show", "eth0"}, "inet6 fd77:1::5/128 scope global")) << shown_;
  EXPECT_FALSE(has(pod.network, {"ip", "address"}, "tentative")) << shown_;
  EXPECT_FALSE(has(pod.network, {"ip", "address"}, "fe80:")) << shown_;
}

TEST_F(RootPodLink, APodWithIPv4AloneSendsNothingOfIPv6) {
  TestPod pod = world_.new_pod(5);
  pod.addresses.ipv6 = pod.gateways.ipv6 = std::nullopt;
  world_.connect(pod);
  EXPECT_FALSE(has(pod.network, {"ip", "address", "show", "eth0"}, "inet6")) << shown_;
  EXPECT_FALSE(has(world_.host, {"ip", "address", "show", "podrun5"}, "inet6")) << shown_;
  EXPECT_TRUE(pod.network.listener("10.77.0.5", 80) && world_.host.connects("10.77.0.5", 22) == false);
  EXPECT_TRUE(has(pod.network, {"cat", "/proc/net/snmp6"}, "Ip6OutRequests                  \t0\n")) << shown_;
}

TEST_F(RootPodLink, EachStepCanBeRepeated) {
  const TestPod pod = world_.new_pod(5);
  world_.connect(pod);
  world_.connect(pod);
  const Fd listener = pod.network.listener("10.77.0.5", 80);
  EXPECT_TRUE(world_.host.connects("10.77.0.5", 80));
  world_.host.in([&] {
    EXPECT_TRUE(set_up_pod_end({pod.addresses, pod.gateways}, pod.network.get()));
    EXPECT_TRUE(set_up_host_end({pod.interface, pod.addresses, pod.gateways}));
  });
  EXPECT_TRUE(world_.host.connects("10.77.0.5", 80));
}

TEST_F(RootPodLink, AnInterfaceOfAnotherIsNotReplaced) {
  const TestPod pod = world_.new_pod(5), other = world_.new_pod(5);
  ASSERT_TRUE(link(pod, "podrun default_web"));
  const auto refused = link(other, "podrun default_db");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().number, EEXIST);
  const std::string& message = refused.error().message;
  EXPECT_TRUE(message.starts_with("make the interface podrun5: File exists")) << message;
  EXPECT_TRUE(has(world_.host, {"ip", "link", "show", "podrun5"}, "alias podrun default_web")) << shown_;
}

TEST_F(RootPodLink, ALinkOfAFormerAttemptIsReplacedAlsoInAnotherNamespace) {
  const TestPod former = world_.new_pod(5), pod = world_.new_pod(5);
  ASSERT_TRUE(link(former, "podrun default_web"));
  ASSERT_TRUE(link(pod, "podrun default_web"));
  EXPECT_FALSE(former.network.try_to_run({"ip", "link", "show", "eth0"}).first);
  EXPECT_TRUE(has(pod.network, {"ip", "link", "show", "eth0"}, "eth0")) << shown_;
}

TEST_F(RootPodLink, ARouteOfAnotherInterfaceIsNotTaken) {
  const TestPod pod = world_.new_pod(5);
  world_.host.run({"ip", "route", "add", "10.77.0.5/32", "dev", "up0"});
  ASSERT_TRUE(link(pod, "podrun default_web"));
  Result<> refused;
  world_.host.in([&] { refused = set_up_host_end({pod.interface, pod.addresses, pod.gateways}); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().number, EEXIST);
  EXPECT_TRUE(refused.error().message.starts_with("add the route to 10.77.0.5/32 by podrun5: File exists"))
      << refused.error().message;
  EXPECT_TRUE(has(world_.host, {"ip", "route"}, "10.77.0.5 dev up0")) << shown_;
}

TEST_F(RootPodLink, ThePodsNamespaceMayBeNamedByAPidfd) {
  const TestPod pod = world_.new_pod(5);
  pid_t pid = -1;
  pod.network.in([&] {
    if (pid = ::fork(); pid == 0) {
      ::pause();
      ::_exit(0);
    }
  });
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  world_.host.in([&] {
    const auto made = make_link({"podrun5", "podrun default_web", 1500}, process.get());
    EXPECT_TRUE(made) << made.error().message;
    const auto inside = set_up_pod_end({pod.addresses, pod.gateways}, process.get());
    EXPECT_TRUE(inside) << inside.error().message;
  });
  EXPECT_TRUE(has(pod.network, {"ip", "address", "show", "eth0"}, "inet 10.77.0.5/32")) << shown_;
  ::kill(pid, SIGKILL);
}

TEST_F(RootPodLink, TheCallerIsInItsNamespaceAfterEachStep) {
  const TestPod pod = world_.new_pod(5);
  world_.host.in([&] {
    const auto here = [] {
      std::array<char, 64> name{};
      EXPECT_GT(::readlink("/proc/thread-self/ns/net", name.data(), name.size()), 0);
      return std::string(name.data());
    };
    const auto home = here();
    EXPECT_TRUE(make_link({"podrun5", "a", 1500}, pod.network.get()));
    EXPECT_EQ(here(), home);
    EXPECT_FALSE(set_up_pod_end({pod.addresses, pod.gateways}, ::open("/dev/null", O_RDONLY | O_CLOEXEC)));
    EXPECT_EQ(here(), home);
    EXPECT_TRUE(open_resolver_sockets({*pod::parse_ip("169.254.77.53")}, pod.network.get()));
    EXPECT_EQ(here(), home);
  });
}

TEST_F(RootPodLink, ALongNameOfAPodIsCutInTheAlias) {
  const TestPod pod = world_.new_pod(5);
  const std::string name = "podrun default_" + std::string(253, 'x');
  ASSERT_TRUE(link(pod, name));
  const auto again = link(pod, name);
  EXPECT_TRUE(again) << "it is recognised as one of a former attempt: " << again.error().message;
  EXPECT_TRUE(has(world_.host, {"ip", "link", "show", "podrun5"}, "alias " + name.substr(0, 255) + "\n")) << shown_;
}

TEST_F(RootPodLink, AHostWithoutIPv6GivesItsPodsIPv4) {
  for (const char* interfaces : {"all", "default"})
    world_.host.set(std::string("net/ipv6/conf/") + interfaces + "/disable_ipv6", "1");
  TestPod pod = world_.new_pod(5);
  pod.addresses.ipv6 = pod.gateways.ipv6 = std::nullopt;
  world_.connect(pod);
  const Fd listener = pod.network.listener("10.77.0.5", 80);
  EXPECT_TRUE(world_.host.connects("10.77.0.5", 80));
}

TEST_F(RootPodLink, AnMtuThatIsTooSmallForIPv6IsOneForIPv4) {
  TestPod pod = world_.new_pod(5);
  pod.addresses.ipv6 = pod.gateways.ipv6 = std::nullopt;
  world_.connect(pod, 1000);
  const Fd listener = pod.network.listener("10.77.0.5", 80);
  EXPECT_TRUE(world_.host.connects("10.77.0.5", 80));
}

TEST_F(RootPodLink, AnEndIsUpWhenTheOtherOneIs) {
  world_.host.run({"ip", "link", "add", "one", "type", "veth", "peer", "name", "two"});
  world_.host.run({"ip", "link", "set", "one", "up"});
  world_.host.in([&] {
    auto socket = NetlinkSocket::open(NETLINK_ROUTE);
    ASSERT_TRUE(socket);
    const auto early = wait_for_link(*socket, "one", LinkState::Up, std::chrono::milliseconds(1));
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().number, ETIMEDOUT);
    const auto other = std::async(std::launch::async, [&] { world_.host.run({"ip", "link", "set", "two", "up"}); });
    EXPECT_TRUE(wait_for_link(*socket, "one", LinkState::Up, std::chrono::seconds(10)));
  });
}

class RootLinkEnd : public RootPodLink {
 protected:
  Result<> wait(std::chrono::milliseconds timeout) {
    Result<> result;
    world_.host.in([&] { result = wait_for_link_end("podrun5", timeout); });
    return result;
  }
};

TEST_F(RootLinkEnd, AnInterfaceThatIsGoneIsNotWaitedFor) { EXPECT_TRUE(wait(std::chrono::seconds(0))); }

TEST_F(RootLinkEnd, ItComesWithTheEndOfThePodsNamespace) {
  {
    const TestPod pod = world_.new_pod(5);
    world_.connect(pod);
  }
  EXPECT_TRUE(wait(std::chrono::seconds(10)));
  EXPECT_FALSE(has(world_.host, {"ip", "link"}, "podrun5")) << shown_;
  EXPECT_FALSE(has(world_.host, {"ip", "route", "show", "table", "all"}, "podrun5")) << shown_;
}

TEST_F(RootLinkEnd, ItsAbsenceIsAnErrorWhenTheTimeIsOver) {
  const TestPod pod = world_.new_pod(5);
  ASSERT_TRUE(link(pod, "a"));
  const auto late = wait(std::chrono::milliseconds(20));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().number, ETIMEDOUT);
}

}  // namespace
}  // namespace podrun::ns
