// The requests by which podrun connects a pod to the host. Their content is that of podrun's own steps, in as few batches
// as the kernel allows. The interfaces have indexes of their own choice, so that nobody needs to ask for them.
#include "tests/bench/network_requests.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "namespaces/kernel/files.hpp"
#include "namespaces/netlink/nft_messages.hpp"
#include "namespaces/netlink/nft_sets.hpp"
#include "namespaces/netlink/route_messages.hpp"
#include "pod/network/addresses.hpp"
#include "pod/network/pod_table.hpp"
#include "pod/network/shared_table.hpp"
#include "tests/bench/floor/network_requests.hpp"

namespace podrun::bench {
namespace {

using ns::NetlinkBatch;

constexpr std::uint32_t number = 65000;
constexpr int index_on_host = 65000, index_in_pod = 2;
constexpr ns::MacAddress mac_on_host{2, 0, 0, 0, 1, 1}, mac_in_pod{2, 0, 0, 0, 1, 2};

void append(std::string& file, SocketOfRequests socket, std::string_view requests) {
  const RequestHeader header{socket, static_cast<std::uint32_t>(requests.size())};
  file.append(reinterpret_cast<const char*>(&header), sizeof header).append(requests);
}

std::string text_of(const NetlinkBatch& batch) {
  return {reinterpret_cast<const char*>(batch.bytes().data()), batch.bytes().size()};
}

/// The pair, with the indexes in the headers of both ends.
std::string pair_with_indexes() {
  NetlinkBatch batch;
  ns::add_veth_pair(batch, {.host_end = floor_interface, .pod_end = "eth0", .host_mac = mac_on_host, .mtu = 1500,
                            .network_namespace = network_of_requests});
  std::string bytes = text_of(batch);
  constexpr std::size_t message_header = 16, link_header = 16, attribute_header = 4, index = 4;
  const std::size_t pod_end = bytes.find("eth0") - attribute_header - link_header;
  std::memcpy(bytes.data() + message_header + index, &index_on_host, sizeof index_on_host);
  std::memcpy(bytes.data() + pod_end + index, &index_in_pod, sizeof index_in_pod);
  return bytes;
}

void add_table(NetlinkBatch& batch, const pod::nft::Table& table) {
  if (has_netdev_table(table)) ns::add_owned_table(batch, table.name, ns::TableFamily::Netdev);
  if (has_inet_table(table)) ns::add_owned_table(batch, table.name, ns::TableFamily::Inet);
  std::uint32_t id = 0;
  for (const auto& set : table.sets) ns::add_set(batch, table.name, set, ++id);
  for (const auto& chain : table.chains) {
    ns::add_chain(batch, table.name, chain);
    for (const auto& rule : chain.rules) ns::add_rule(batch, table.name, chain, rule);
  }
}

}  // namespace

Result<> write_network_requests(const std::string& path) {
  const pod::NetworkFacts facts{.ipv4 = pod::parse_prefix("10.77.0.0/16"), .ipv6 = pod::parse_prefix("fd77::/64")};
  const pod::NetworkPlan plan{
      .number = number, .interface = floor_interface, .addresses = addresses_of(facts, number)};
  const std::vector<pod::IpAddress> addresses = plan.addresses.list(), gateways = gateways_of(facts).list();
  const ns::Interface on_host{index_on_host, floor_interface}, in_pod{index_in_pod, "eth0"};
  NetlinkBatch host, pod, routes, filter;
  ns::set_up_host_interface(host, on_host, "podrun default_floor");
  ns::generate_no_address(host, on_host);
  ns::bring_up(host, on_host);
  ns::generate_no_address(pod, in_pod);
  ns::bring_up(pod, in_pod, mac_in_pod);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    ns::add_address(pod, in_pod, addresses[i], ns::AddressScope::Global);
    ns::add_neighbour(pod, in_pod, gateways[i], mac_on_host);
    ns::put_route(pod, {.destination = {{.family = addresses[i].family}, 0}, .interface = in_pod,
                        .source = addresses[i], .gateway = gateways[i]});
    ns::add_address(routes, on_host, gateways[i], ns::AddressScope::Link);
    ns::add_neighbour(routes, on_host, addresses[i], mac_in_pod);
    ns::add_route(routes, {.destination = pod::only(addresses[i]), .interface = on_host, .source = gateways[i]});
  }
  ns::begin_transaction(filter);
  add_table(filter, pod_table(plan));
  add_table(filter, shared_table(facts));
  ns::end_transaction(filter);
  std::string file;
  append(file, route_on_host, pair_with_indexes());
  append(file, route_on_host, text_of(host));
  append(file, route_in_pod, text_of(pod));
  append(file, route_on_host, text_of(routes));
  append(file, filter_on_host, text_of(filter));
  return ns::write_file(path, file, 0644);
}

}  // namespace podrun::bench
