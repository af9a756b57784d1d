// Which networks a pod gets, and by which steps.
#include "pod/compile/compile_network.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "pod/compile/host_errors.hpp"
#include "pod/network/addresses.hpp"
#include "pod/network/shared_table.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::container;
using fixtures::Words;

Words steps_of(const NetworkPlan& network) { return fixtures::step_names(network.steps); }

std::vector<NetworkPlan> networks_of(const Pod& pod, const HostFacts& facts = fixtures::facts(),
                                     const RunParameters& run_parameters = fixtures::run_parameters()) {
  const auto plan = compile(pod, {{"localhost/busybox", fixtures::image()}}, facts, run_parameters);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? plan->networks : std::vector<NetworkPlan>{};
}

/// Those of a pod of which exactly one is expected.
NetworkPlan network_of(const Pod& pod, const HostFacts& facts = fixtures::facts()) {
  auto networks = networks_of(pod, facts);
  EXPECT_EQ(networks.size(), 1U);
  return networks.empty() ? NetworkPlan{} : std::move(networks.front());
}

template <typename Step>
std::vector<Step> all(const NetworkPlan& network) {
  return fixtures::all<Step>(network.steps);
}

Container with_port(ContainerPort port) {
  Container it = container();
  it.ports = {std::move(port)};
  return it;
}

/// A container whose network is its own.
Pod pod_with_own_network() {
  Pod pod = fixtures::pod({container("web"), container("db")});
  pod.metadata.annotations = {{"podrun.io/namespaces", "db: net=private"}, {"podrun.io/network.db", "default"}};
  return pod;
}

TEST(CompileNetwork, APodIsConnectedInTheOrderOfTheSteps) {
  const NetworkPlan network = network_of(fixtures::pod());
  EXPECT_EQ(network.container, "");
  EXPECT_EQ(network.number, preferred_number(fixtures::facts().network, "default_web"));
  EXPECT_EQ(network.interface, interface_name(network.number));
  EXPECT_EQ(steps_of(network), (Words{"Link", "PodEnd", "HostEnd", "Filter", "SharedFilter", "Resolver"}));
  const auto link = all<network::Link>(network).at(0);
  EXPECT_EQ(link.interface, network.interface);
  EXPECT_EQ(link.alias, "podrun default_web");
  EXPECT_EQ(link.mtu, 1500U);
  const auto end = all<network::HostEnd>(network).at(0);
  EXPECT_EQ(end.interface, network.interface);
  EXPECT_EQ(end.addresses, network.addresses);
  EXPECT_EQ(text_of(*end.gateways.ipv4), "10.77.0.1");
  EXPECT_EQ(text_of(*end.gateways.ipv6), "fd77:1:2:3::1");
}

TEST(CompileNetwork, AClaimedNumberIsTheNetworks) {
  RunParameters run_parameters = fixtures::run_parameters();
  run_parameters.network_numbers = {{"", 5}, {"db", 6}};
  const auto networks = networks_of(pod_with_own_network(), fixtures::facts(), run_parameters);
  ASSERT_EQ(networks.size(), 2U);
  EXPECT_EQ(networks[0].interface, "podrun5");
  EXPECT_EQ(text_of(*networks[0].addresses.ipv6), "fd77:1:2:3::5");
  EXPECT_EQ(networks[1].container, "db");
  EXPECT_EQ(text_of(*networks[1].addresses.ipv4), "10.77.0.6");
  EXPECT_EQ(all<network::Link>(networks[1]).at(0).alias, "podrun default_web/db");
}

TEST(CompileNetwork, AContainersOwnNetworkHasItsPortsAndItsTable) {
  Pod pod = pod_with_own_network();
  pod.spec.containers[0].ports = {{.container_port = 80, .host_port = 8080}};
  pod.spec.containers[1].ports = {{.container_port = 5432, .host_port = 5432, .host_ip = "192.0.2.1"}};
  RunParameters run_parameters = fixtures::run_parameters();
  run_parameters.network_numbers = {{"", 5}, {"db", 6}};
  const auto networks = networks_of(pod, fixtures::facts(), run_parameters);
  ASSERT_EQ(networks.size(), 2U);
  ASSERT_EQ(networks[0].ports.size(), 1U);
  EXPECT_EQ(networks[0].ports[0].container, "web");
  EXPECT_EQ(text_of(all<network::Filter>(networks[1]).at(0).table), R"(table netdev podrun6 {
  flags owner
  chain ingress {
    type filter hook ingress device "podrun6" priority 0; policy accept;
    ip saddr != 10.77.0.6 drop
    ip daddr 127.0.0.0/8 drop
    ip daddr 224.0.0.0/3 drop
    meta protocol ip accept
    ip6 saddr != fd77:1:2:3::6 drop
    ip6 daddr ::1 drop
    ip6 daddr ff00::/8 ip6 daddr != ff02::1:ff00:0/104 drop
    meta protocol ip6 accept
    drop
  }
}
table inet podrun6 {
  flags owner
  chain output {
    type nat hook output priority -98; policy accept;
    th dport 5432 meta l4proto tcp ip daddr 192.0.2.1 fib daddr type local dnat ip to 10.77.0.6:5432
  }
}
)");
  const auto shared = all<network::SharedFilter>(networks[1]).at(0);
  EXPECT_EQ(text_of(shared.table), text_of(shared_table(fixtures::facts().network)));
  EXPECT_EQ(shared.elements, shared_elements(networks[1]));
}

TEST(CompileNetwork, ANetworkPublishesAsManyPortsAsThereAreMarks) {
  Pod pod = pod_with_own_network();
  for (std::uint16_t i = 0; i < most_ports; ++i)
    pod.spec.containers[0].ports.push_back({.container_port = 80, .host_port = 10000 + i});
  pod.spec.containers[1].ports = {{.container_port = 80, .host_port = 9999}};
  const auto errors = [&] {
    return host_errors(pod, {{"localhost/busybox", fixtures::image()}}, fixtures::facts(), fixtures::run_parameters());
  };
  EXPECT_TRUE(errors().empty()) << "each network has its own";
  pod.spec.containers[0].ports.push_back({.container_port = 80});
  EXPECT_TRUE(errors().empty()) << "one that is not published needs none";
  pod.spec.containers[0].ports.push_back({.container_port = 80, .host_port = 9998});
  ASSERT_EQ(errors().size(), 1U);
  EXPECT_EQ(errors()[0].field, "spec.containers[0].ports[4097].hostPort");
  EXPECT_EQ(errors()[0].message, "a network publishes at most 4096 ports of the host");
}

TEST(CompileNetwork, TheHostForwardsOnlyWhenTheFilterStands) {
  HostFacts facts = fixtures::facts();
  facts.network.settings = {{"net/ipv6/conf/eth1/accept_ra", "2"}, {"net/ipv4/ip_forward", "1"}};
  const NetworkPlan network = network_of(fixtures::pod(), facts);
  EXPECT_EQ(steps_of(network),
            (Words{"Link", "PodEnd", "HostEnd", "Filter", "SharedFilter", "HostSetting", "HostSetting", "Resolver"}));
  EXPECT_EQ(all<network::HostSetting>(network).at(0).name, "net/ipv6/conf/eth1/accept_ra");
}

TEST(CompileNetwork, DockersRuleIsMadeForTheFamiliesOfThePod) {
  HostFacts facts = fixtures::facts();
  facts.network.docker_families = {"ip", "ip6"};
  EXPECT_EQ(all<network::DockerRule>(network_of(fixtures::pod(), facts)).size(), 2U);
  facts.network.ipv6.reset();
  const auto rules = all<network::DockerRule>(network_of(fixtures::pod(), facts));
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].family, "ip");
  EXPECT_EQ(rules[0].comment, "podrun default_web");
}

TEST(CompileNetwork, OnlyConnectionsToPublishedUdpPortsAreForgotten) {
  const auto forgotten = [](Protocol protocol) {
    return all<network::ForgetConnections>(
        network_of(fixtures::pod({with_port({.container_port = 53, .host_port = 5353, .protocol = protocol})})));
  };
  EXPECT_TRUE(forgotten(Protocol::Tcp).empty());
  ASSERT_EQ(forgotten(Protocol::Udp).size(), 1U);
  EXPECT_EQ(forgotten(Protocol::Udp)[0].ports.at(0).host_port, 5353);
}

TEST(CompileNetwork, WithoutAResolverThereIsNoChainForIt) {
  Pod pod = fixtures::pod();
  pod.spec.dns_policy = DnsPolicy::Default;
  const NetworkPlan network = network_of(pod);
  EXPECT_EQ(steps_of(network), (Words{"Link", "PodEnd", "HostEnd", "Filter", "SharedFilter"}));
  const auto chains = all<network::Filter>(network).at(0).table.chains;
  EXPECT_EQ(std::ranges::count(chains, "resolver", &nft::Chain::name), 0);
}

TEST(CompileNetwork, AHostsNetworkAndNoneHaveNoPlan) {
  Pod of_host = fixtures::pod(), none = fixtures::pod();
  of_host.spec.host_network = true;
  none.metadata.annotations = {{"podrun.io/network", "none"}};
  EXPECT_TRUE(networks_of(of_host).empty());
  EXPECT_TRUE(networks_of(none).empty());
}

TEST(CompileNetwork, AContainersNetworkIsHeldIfItIsConnected) {
  const auto held = [](const Pod& pod) {
    const PodPlan plan = fixtures::plan_of(pod, fixtures::facts());
    const auto made = fixtures::all<host::MakeNamespace>(plan.containers.at(1).host);
    return made.at(0).kind == NamespaceKind::Net && made.at(0).held;
  };
  Pod pod = pod_with_own_network();
  EXPECT_TRUE(held(pod));
  pod.metadata.annotations.erase("podrun.io/network.db");
  EXPECT_FALSE(held(pod)) << "it has loopback only, and ends with the container";
}

TEST(CompileNetwork, AHostWithoutNetworkIsAnErrorThatNamesTheAnnotation) {
  HostFacts facts = fixtures::facts();
  facts.network.has_pods_network = false;
  facts.network.why_not = "the kernel has no veth(4)";
  const auto plan = fixtures::compiled(fixtures::pod(), fixtures::image(), facts);
  ASSERT_FALSE(plan);
  EXPECT_TRUE(is_lack_of_network(plan.error()));
  EXPECT_EQ(plan.error().message,
            "the pod gets no network on this host: the kernel has no veth(4); with the annotation podrun.io/network: "
            "none it has loopback only");
  const auto errors = host_errors(pod_with_own_network(), {{"localhost/busybox", fixtures::image()}}, facts,
                                  fixtures::run_parameters());
  ASSERT_EQ(errors.size(), 2U) << "each network once";
  EXPECT_EQ(errors[1].message,
            "container db gets no network on this host: the kernel has no veth(4); with the annotation "
            "podrun.io/network.db: none it has loopback only");
  Pod none = fixtures::pod();
  none.metadata.annotations = {{"podrun.io/network", "none"}};
  EXPECT_TRUE(networks_of(none, facts).empty());
}

TEST(CompileNetwork, AHostIpOfAFamilyThatPodsDoNotHaveIsAnErrorAtItsField) {
  HostFacts facts = fixtures::facts();
  facts.network.ipv6.reset();
  facts.network.why_no_ipv6 = "the host has no IPv6 route";
  Container it = container();
  it.ports = {{.container_port = 80, .host_port = 8080, .host_ip = "192.0.2.1"},
              {.container_port = 80, .host_port = 8081, .host_ip = "2001:db8::1"},
              {.container_port = 80, .host_port = 8082, .host_ip = "::1"}};
  const auto errors = host_errors(fixtures::pod({it}), {{"localhost/busybox", fixtures::image()}}, facts,
                                  fixtures::run_parameters());
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].field, "spec.containers[0].ports[1].hostIP");
  EXPECT_EQ(errors[0].message,
            "hostIP 2001:db8::1: pods on this host have no IPv6 address: the host has no IPv6 route");
  EXPECT_FALSE(is_lack_of_network(errors[0]));
}

}  // namespace
}  // namespace podrun::pod
