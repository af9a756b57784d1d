// A host, a client and pods in network namespaces of the test.
#include "tests/namespaces/network/network_world.hpp"

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pod/network/pod_table.hpp"

namespace podrun::ns {
namespace {

namespace nft = pod::nft;

pod::Addresses addresses_of(std::uint32_t number) {
  return {pod::nth_address(*pod::parse_prefix("10.77.0.0/16"), number),
          pod::nth_address(*pod::parse_prefix("fd77:1::/64"), number)};
}

}  // namespace

nft::Table table_of(const TestPod& pod, const std::vector<TestPort>& ports) {
  pod::NetworkPlan plan{.container = {},
                        .number = pod.number,
                        .interface = pod.interface,
                        .addresses = pod.addresses,
                        .ports = {},
                        .steps = {}};
  for (const TestPort& port : ports)
    plan.ports.push_back({.host_port = port.host_port,
                          .host_ip = std::nullopt,
                          .protocol = port.protocol,
                          .container_port = port.container_port,
                          .container = "app"});
  pod::NetworkFacts facts;
  facts.closed_ipv4 = facts.closed_ipv6 = {"up0"};
  return pod::pod_table(plan, facts);
}

NetworkWorld::NetworkWorld() {
  constexpr auto host_mac = "02:00:00:00:00:01", client_mac = "02:00:00:00:00:02";
  host.set("net/ipv4/ip_forward", "1");
  host.set("net/ipv6/conf/all/forwarding", "1");
  // The client's namespace has no name.
  const auto client_namespace = fmt::format("/proc/{}/fd/{}", ::getpid(), client.get());
  host.run({"ip", "link", "add", "up0", "address", host_mac, "type", "veth", "peer", "name", "eth0", "address",
            client_mac, "netns", client_namespace});
  // Both know the other's Ethernet address: the first packet of IPv6 would wait for that of the link.
  const auto set_up = [](const TestNetwork& network, const std::string& interface, const std::string& neighbour_mac,
                         const std::vector<std::pair<std::string, std::string>>& addresses) {
    network.run({"ip", "link", "set", interface, "up"});
    for (const auto& [address, neighbour] : addresses) {
      const auto length = address.contains(':') ? "/64" : "/24";
      network.run({"ip", "address", "add", address + length, "dev", interface, "nodad"});
      network.run({"ip", "neigh", "add", neighbour, "lladdr", neighbour_mac, "dev", interface});
    }
  };
  set_up(host, "up0", client_mac, {{host_ipv4, client_ipv4}, {host_ipv6, client_ipv6}});
  set_up(client, "eth0", host_mac, {{client_ipv4, host_ipv4}, {client_ipv6, host_ipv6}});
}

TestPod NetworkWorld::new_pod(std::uint32_t number) const {
  return {.number = number,
          .interface = fmt::format("podrun{}", number),
          .addresses = addresses_of(number),
          .gateways = addresses_of(1)};
}

void NetworkWorld::connect(const TestPod& pod, std::uint32_t mtu) const {
  host.in([&] {
    const auto made = make_link({pod.interface, "podrun default_web", mtu}, pod.network.get());
    ASSERT_TRUE(made) << made.error().message;
    const auto inside = set_up_pod_end({pod.addresses, pod.gateways}, pod.network.get());
    ASSERT_TRUE(inside) << inside.error().message;
    const auto outside = set_up_host_end({pod.interface, pod.addresses, pod.gateways});
    ASSERT_TRUE(outside) << outside.error().message;
  });
}

void NetworkWorld::filter(TestPod& pod, const std::vector<TestPort>& ports) const {
  host.in([&] {
    auto made = make_filter(table_of(pod, ports));
    ASSERT_TRUE(made) << made.error().message;
    pod.filter = std::move(*made);
  });
}

TestPod NetworkWorld::add_pod(std::uint32_t number, const std::vector<TestPort>& ports) const {
  TestPod pod = new_pod(number);
  connect(pod);
  filter(pod, ports);
  return pod;
}

}  // namespace podrun::ns
