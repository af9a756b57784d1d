// Compiles the networks of a pod.
#pragma once

#include <vector>

#include "pod/annotations/composition.hpp"
#include "pod/annotations/network_choice.hpp"
#include "pod/compile/compile.hpp"
#include "pod/network/network_steps.hpp"

namespace podrun::pod {

/// The network namespaces of the pod that get an interface. None if network.yaml switches both families off.
std::vector<NetworkChoice> connected_networks(const Pod& pod, const std::vector<ContainerComposition>& composed,
                                              const HostFacts& facts);

/// The addresses of a network of the pod; none if pods have none on this host.
Addresses addresses_of(const NetworkChoice& choice, const Pod& pod, const HostFacts& facts,
                       const RunParameters& run_parameters);

/// The addresses of the pod for a container, `status.podIPs`: those of its own network, or else of the pod's.
Addresses pod_addresses(const Pod& pod, const std::vector<ContainerComposition>& composed, std::size_t container,
                        const HostFacts& facts, const RunParameters& run_parameters);

/// Compiles them. Errors: network_errors(), the first.
Result<std::vector<NetworkPlan>> compile_networks(const Pod& pod, const std::vector<ContainerComposition>& composed,
                                                  const HostFacts& facts, const RunParameters& run_parameters);

/// What the host lacks for the networks: pods' networks at all (is_lack_of_network()), or the family of a hostIP.
std::vector<Error> network_errors(const Pod& pod, const std::vector<ContainerComposition>& composed,
                                  const HostFacts& facts);

/// Whether an error says that pods get no network on this host. The manifest is not wrong then.
bool is_lack_of_network(const Error& error);

}  // namespace podrun::pod
