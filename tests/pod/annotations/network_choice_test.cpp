// Which networks of a pod are connected, what they publish, and where names are resolved.
#include "pod/annotations/network_choice.hpp"

#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::Words;

/// The pod of containers a, b and c, with these lines of podrun.io/namespaces.
Pod pod_of(const std::string& lines = "") {
  Pod pod = fixtures::pod({fixtures::container("a"), fixtures::container("b"), fixtures::container("c")});
  if (!lines.empty()) pod.metadata.annotations[std::string(namespaces_annotation)] = lines;
  return pod;
}

Pod annotated(Pod pod, const std::string& key, const std::string& value) {
  pod.metadata.annotations[key] = value;
  return pod;
}

/// The connected networks, the pod's as "pod"; then what each container uses: "pod c | pod host c".
std::string networks_in(const Pod& pod) {
  const PodNetworks networks(pod);
  const auto name = [](const NetworkChoice& choice) { return choice.container.empty() ? "pod" : choice.container; };
  Words connected, used;
  for (const NetworkChoice& choice : networks.connected()) connected.push_back(name(choice));
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i) {
    const auto choice = networks.of(i);
    used.push_back(networks.is_host(i) ? "host" : choice ? name(*choice) : "none");
  }
  return fmt::format("{} | {}", joined(connected, " "), joined(used, " "));
}

TEST(PodNetworks, APodIsConnectedUnlessItSaysNone) {
  EXPECT_EQ(networks_in(pod_of()), "pod | pod pod pod");
  EXPECT_EQ(networks_in(annotated(pod_of(), "podrun.io/network", "default")), "pod | pod pod pod");
  EXPECT_EQ(networks_in(annotated(pod_of(), "podrun.io/network", "none")), " | none none none");
}

TEST(PodNetworks, AContainerWithItsOwnIsConnectedIfItSaysDefault) {
  const Pod pod = pod_of("b: net=private\nc: net=container:b");
  EXPECT_EQ(networks_in(pod), "pod | pod none none");
  EXPECT_EQ(networks_in(annotated(pod, "podrun.io/network.b", "none")), "pod | pod none none");
  EXPECT_EQ(networks_in(annotated(pod, "podrun.io/network.b", "default")), "pod b | pod b b");
  EXPECT_EQ(networks_in(annotated(annotated(pod, "podrun.io/network.b", "default"), "podrun.io/network", "none")),
            "b | none b b");
}

TEST(PodNetworks, ThePodsOwnIsNotConnectedIfNoContainerUsesIt) {
  EXPECT_EQ(networks_in(pod_of("a: net=host\nb: net=host\nc: net=private")), " | host host none");
  EXPECT_EQ(networks_in(pod_of("a: net=host")), "pod | host pod pod");
}

TEST(PodNetworks, APodInTheHostsNetworkHasNoneButThoseOfContainers) {
  Pod pod = pod_of();
  pod.spec.host_network = true;
  EXPECT_EQ(networks_in(pod), " | host host host");
  pod = annotated(pod_of("b: net=private\nc: net=pod"), "podrun.io/network.b", "default");
  pod.spec.host_network = true;
  EXPECT_EQ(networks_in(pod), "b | host b none");
}

/// The ports that a network publishes: "8080/TCP→80".
Words ports_of(const Pod& pod, const std::string& container = "") {
  Words ports;
  for (const PublishedPort& port : PodNetworks(pod).published_ports({.container = container}))
    ports.push_back(fmt::format("{}→{} {}", port_words(port), port.container_port, port.container));
  return ports;
}

TEST(PodNetworks, AHostPortIsPublishedByTheNetworkOfItsContainer) {
  Pod pod = annotated(pod_of("b: net=private\nc: net=container:b"), "podrun.io/network.b", "default");
  pod.spec.containers[0].ports = {{.container_port = 80, .host_port = 8080},
                                  {.container_port = 81},
                                  {.container_port = 53, .host_port = 53, .host_ip = "::1", .protocol = Protocol::Udp}};
  pod.spec.containers[1].ports = {{.container_port = 90, .host_port = 90, .host_ip = "192.0.2.1"}};
  pod.spec.containers[2].ports = {{.container_port = 91, .host_port = 91, .protocol = Protocol::Sctp}};
  EXPECT_EQ(ports_of(pod), (Words{"8080/TCP→80 a", "[::1]:53/UDP→53 a"}));
  EXPECT_EQ(ports_of(pod, "b"), (Words{"192.0.2.1:90/TCP→90 b", "91/SCTP→91 c"}));
  EXPECT_EQ(ports_of(pod, "c"), Words{});
}

TEST(PodNetworks, InitContainersPublishNoPortsAndSidecarsDo) {
  Pod pod = pod_of();
  for (Container& container : pod.spec.containers) container.ports = {{.container_port = 80, .host_port = 80}};
  pod.spec.containers[0].role = ContainerRole::Init;
  pod.spec.containers[1].role = ContainerRole::Sidecar;
  EXPECT_EQ(ports_of(pod), (Words{"80/TCP→80 b", "80/TCP→80 c"}));
}

TEST(PodNetworks, AContainerInTheHostsNetworkPublishesNothing) {
  Pod pod = pod_of("a: net=host");
  pod.spec.containers[0].ports = {{.container_port = 80, .host_port = 80}};
  EXPECT_EQ(ports_of(pod), Words{});
}

TEST(PodNetworks, TwoHostPortsAreTheSameIfTheirAddressesOverlap) {
  const auto same = [](const std::string& one, const std::string& other) {
    const auto port = [](const std::string& ip) {
      return published({.container_port = 80, .host_port = 80, .host_ip = ip}, "a");
    };
    EXPECT_EQ(is_same_host_port(port(one), port(other)), is_same_host_port(port(other), port(one)));
    return is_same_host_port(port(one), port(other));
  };
  for (const char* ip : {"", "0.0.0.0", "::", "192.0.2.1", "fd00::1"}) {
    EXPECT_TRUE(same(ip, ip)) << ip;
    EXPECT_TRUE(same(ip, "")) << ip;
  }
  EXPECT_TRUE(same("0.0.0.0", "192.0.2.1"));
  EXPECT_TRUE(same("::", "fd00::1"));
  EXPECT_FALSE(same("0.0.0.0", "::"));
  EXPECT_FALSE(same("::", "192.0.2.1"));
  EXPECT_FALSE(same("192.0.2.1", "192.0.2.2"));
  EXPECT_FALSE(is_same_host_port(published({.container_port = 80, .host_port = 80}, "a"),
                                 published({.container_port = 80, .host_port = 80, .protocol = Protocol::Udp}, "a")));
  EXPECT_FALSE(is_same_host_port(published({.container_port = 80, .host_port = 80}, "a"),
                                 published({.container_port = 80, .host_port = 81}, "a")));
}

TEST(PodNetworks, NamesAreResolvedInConnectedNetworksByPolicy) {
  Pod pod = pod_of();
  const auto resolves = [&](const std::string& container = "") {
    return PodNetworks(pod).has_resolver({.container = container});
  };
  EXPECT_TRUE(resolves());
  EXPECT_FALSE(resolves("b")) << "no such network";
  pod.spec.dns_policy = DnsPolicy::ClusterFirstWithHostNet;
  EXPECT_TRUE(resolves());
  for (const DnsPolicy policy : {DnsPolicy::Default, DnsPolicy::None}) {
    pod.spec.dns_policy = policy;
    EXPECT_FALSE(resolves());
  }
  pod = annotated(pod_of(), "podrun.io/network", "none");
  EXPECT_FALSE(resolves());
}

TEST(PodNetworks, WhereAContainerServesNamesPodrunDoesNot) {
  Pod pod = annotated(pod_of("b: net=private"), "podrun.io/network.b", "default");
  const auto resolves = [&](const std::string& container) {
    return PodNetworks(pod).has_resolver({.container = container});
  };
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
    pod.spec.containers[1].ports = {{.container_port = 53, .protocol = protocol}};
    EXPECT_TRUE(resolves(""));
    EXPECT_FALSE(resolves("b"));
  }
  pod.spec.containers[1].ports = {{.container_port = 5353}};
  EXPECT_TRUE(resolves("b"));
}

}  // namespace
}  // namespace podrun::pod
