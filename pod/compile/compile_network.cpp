// Compiles the networks of a pod.
#include "pod/compile/compile_network.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "pod/compile/host_errors.hpp"
#include "pod/network/addresses.hpp"
#include "pod/network/pod_table.hpp"
#include "pod/network/shared_table.hpp"

namespace podrun::pod {
namespace {

constexpr std::uint8_t udp = 17;  ///< IPPROTO_UDP

bool has_family(const NetworkFacts& facts, IpFamily family) {
  return (family == IpFamily::V4 ? facts.ipv4 : facts.ipv6).has_value();
}

std::uint32_t number_of(const NetworkChoice& choice, const Pod& pod, const NetworkFacts& facts,
                        const RunParameters& run_parameters) {
  const auto claimed = run_parameters.network_numbers.find(choice.container);
  if (claimed != run_parameters.network_numbers.end()) return claimed->second;
  return preferred_number(facts, network_key(pod_id(pod.metadata), choice.container));
}

/// What others see of the network: the alias of the interface, and the comment of rules.
std::string label_of(const Pod& pod, const NetworkChoice& choice) {
  return "podrun " + network_key(pod_id(pod.metadata), choice.container);
}

bool is_docker_family_of(const std::string& family, const Addresses& addresses) {
  return (family == "ip" && addresses.ipv4) || (family == "ip6" && addresses.ipv6);
}

/// The host forwards only when the filters stand: until then nothing keeps others from being forwarded.
std::vector<NetworkStep> steps_of(const NetworkPlan& network, const NetworkFacts& facts, const std::string& label,
                                  bool has_resolver) {
  const Addresses gateways = gateways_of(facts);
  std::vector<NetworkStep> steps{
      network::Link{.interface = network.interface, .alias = label, .mtu = facts.mtu},
      network::PodEnd{.addresses = network.addresses, .gateways = gateways},
      network::HostEnd{.interface = network.interface, .addresses = network.addresses, .gateways = gateways},
      network::Filter{.table = pod_table(network)},
      network::SharedFilter{.table = shared_table(facts), .elements = shared_elements(network)}};
  for (const auto& [name, value] : facts.settings)
    steps.emplace_back(network::HostSetting{.name = name, .value = value});
  for (const std::string& family : facts.docker_families)
    if (is_docker_family_of(family, network.addresses))
      steps.emplace_back(network::DockerRule{.family = family, .interface = network.interface, .comment = label});
  std::vector<PublishedPort> datagrams;
  std::ranges::copy_if(network.ports, std::back_inserter(datagrams),
                       [](const PublishedPort& port) { return port.protocol == udp; });
  if (!datagrams.empty()) steps.emplace_back(network::ForgetConnections{.ports = std::move(datagrams)});
  if (has_resolver)
    steps.emplace_back(network::Resolver{.address = *parse_ip(resolver_address), .upstreams = facts.upstreams});
  return steps;
}

NetworkPlan plan_of(const NetworkChoice& choice, const PodNetworks& networks, const Pod& pod,
                    const NetworkFacts& facts, const RunParameters& run_parameters) {
  const std::uint32_t number = number_of(choice, pod, facts, run_parameters);
  NetworkPlan plan{.container = choice.container,
                   .number = number,
                   .interface = interface_name(number),
                   .addresses = addresses_of(facts, number),
                   .ports = networks.published_ports(choice)};
  plan.steps = steps_of(plan, facts, label_of(pod, choice), networks.has_resolver(choice));
  return plan;
}

// ---- errors ----

std::string annotation_of(const NetworkChoice& choice) {
  if (choice.container.empty()) return std::string(network_annotation);
  return fmt::format("{}{}", container_network_annotation, choice.container);
}

Error lack_of_network(const NetworkChoice& choice, const NetworkFacts& facts) {
  return {fmt::format("{} gets no network on this host: {}; with the annotation {}: none it has loopback only",
                      choice.container.empty() ? "the pod" : "container " + choice.container, facts.why_not,
                      annotation_of(choice)),
          ENONET, "metadata.annotations"};
}

/// The errors of a container's ports: each is about an address of a family that pods do not have.
std::vector<Error> port_errors(const Pod& pod, std::size_t index, const NetworkFacts& facts) {
  std::vector<Error> errors;
  const Container& container = pod.spec.containers[index];
  for (std::size_t i = 0; i < container.ports.size(); ++i) {
    const ContainerPort& port = container.ports[i];
    const auto address = parse_ip(port.host_ip);
    // A loopback address leads to the pod by podrun-forwarder, to an address of either family.
    if (port.host_port == 0 || !address || is_loopback(*address) || has_family(facts, address->family)) continue;
    const std::string& why = address->family == IpFamily::V4 ? facts.why_no_ipv4 : facts.why_no_ipv6;
    errors.push_back({fmt::format("hostIP {}: pods on this host have no {} address{}{}", port.host_ip,
                                  name_of(address->family), why.empty() ? "" : ": ", why),
                      0, field_of_container(pod.spec, index, fmt::format("ports[{}].hostIP", i))});
  }
  return errors;
}

/// The first port beyond those that a network can publish.
std::vector<Error> number_errors(const Pod& pod, const PodNetworks& networks) {
  std::map<std::string, std::size_t> published;  // by NetworkChoice::container
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i) {
    const auto network = networks.of(i);
    const Container& container = pod.spec.containers[i];
    if (!network || container.role == ContainerRole::Init) continue;
    for (std::size_t port = 0; port < container.ports.size(); ++port)
      if (container.ports[port].host_port != 0 && ++published[network->container] > most_ports)
        return {{fmt::format("a network publishes at most {} ports of the host", most_ports), 0,
                 field_of_container(pod.spec, i, fmt::format("ports[{}].hostPort", port))}};
  }
  return {};
}

}  // namespace

std::vector<NetworkChoice> connected_networks(const Pod& pod, const std::vector<ContainerComposition>& composed,
                                              const HostFacts& facts) {
  const bool has_any = facts.network.ipv4 || facts.network.ipv6 || !facts.network.has_pods_network;
  return has_any ? PodNetworks(pod, composed).connected() : std::vector<NetworkChoice>{};
}

Addresses addresses_of(const NetworkChoice& choice, const Pod& pod, const HostFacts& facts,
                       const RunParameters& run_parameters) {
  return addresses_of(facts.network, number_of(choice, pod, facts.network, run_parameters));
}

Addresses pod_addresses(const Pod& pod, const std::vector<ContainerComposition>& composed, std::size_t container,
                        const HostFacts& facts, const RunParameters& run_parameters) {
  const PodNetworks networks(pod, composed);
  const NetworkChoice of_pod{};
  if (const auto own = networks.of(container)) return addresses_of(*own, pod, facts, run_parameters);
  const bool has_own = std::ranges::find(networks.connected(), of_pod) != networks.connected().end();
  return has_own ? addresses_of(of_pod, pod, facts, run_parameters) : Addresses{};
}

Result<std::vector<NetworkPlan>> compile_networks(const Pod& pod, const std::vector<ContainerComposition>& composed,
                                                  const HostFacts& facts, const RunParameters& run_parameters) {
  if (auto errors = network_errors(pod, composed, facts); !errors.empty())
    return std::unexpected(std::move(errors.front()));
  const PodNetworks networks(pod, composed);
  std::vector<NetworkPlan> plans;
  for (const NetworkChoice& choice : connected_networks(pod, composed, facts))
    plans.push_back(plan_of(choice, networks, pod, facts.network, run_parameters));
  return plans;
}

std::vector<Error> network_errors(const Pod& pod, const std::vector<ContainerComposition>& composed,
                                  const HostFacts& facts) {
  std::vector<Error> errors;
  const std::vector<NetworkChoice> connected = connected_networks(pod, composed, facts);
  if (!facts.network.has_pods_network) {
    for (const NetworkChoice& choice : connected) errors.push_back(lack_of_network(choice, facts.network));
    return errors;
  }
  if (connected.empty()) return errors;
  const PodNetworks networks(pod, composed);
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i)
    if (networks.of(i) && pod.spec.containers[i].role != ContainerRole::Init)
      std::ranges::move(port_errors(pod, i, facts.network), std::back_inserter(errors));
  std::ranges::move(number_errors(pod, networks), std::back_inserter(errors));
  return errors;
}

bool is_lack_of_network(const Error& error) { return error.number == ENONET; }

}  // namespace podrun::pod
