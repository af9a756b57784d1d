// The ports of the host that lead to a pod.
#include "supervisor/network/published_ports.hpp"

#include <utility>

#include "namespaces/network/host_ports.hpp"
#include "supervisor/network/network_holds.hpp"

namespace podrun::supervisor {

Result<> bind_published_ports(const std::vector<pod::NetworkPlan>& networks, std::vector<ns::NamedFd>& holds) {
  for (std::size_t network = 0; network < networks.size(); ++network) {
    const std::vector<pod::PublishedPort>& ports = networks[network].ports;
    if (ports.empty()) continue;
    std::vector<ns::BoundPort> bound = TRY(ns::bind_ports(ports, networks[network].number));
    for (std::size_t port = 0; port < ports.size(); ++port) {
      ns::NamedFd hold{.name = port_hold(network, port), .fd = {}};
      for (ns::BoundPort& each : bound)
        if (each.port == ports[port] && each.socket)
          (hold.fd ? hold.others.emplace_back() : hold.fd) = std::move(each.socket);
      if (hold.fd) holds.push_back(std::move(hold));
    }
  }
  return {};
}

std::size_t sockets_of(const pod::NetworkPlan& network) {
  // The claim; its table, that of all pods, and those of the resolver and of the forwarder; the resolver's sockets; and
  // of each of these helpers its process and its lifeline.
  constexpr std::size_t of_itself = 1 + 4 + 2 + 4;
  constexpr std::size_t families = 2;
  return of_itself + families * network.ports.size();
}

}  // namespace podrun::supervisor
