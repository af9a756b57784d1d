// What a pod's network is compiled from: /etc/podrun/network.yaml, the facts of the host, and the numbers that are
// claimed for a start.
#pragma once

#include <vector>

#include "namespaces/network/number_claim.hpp"
#include "pod/compile/compile.hpp"
#include "pod/network/network_config.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The configuration; the default one if there is no file. The error has all mistakes of the file with their places.
Result<pod::NetworkConfig> read_network_config(const Layout& layout);

/// The facts of the host, as this pod's network and those of the pods that run make them.
pod::NetworkFacts read_network_facts(const Layout& layout, const pod::NetworkConfig& config);

/// Whether a network of the pod is connected to the host.
bool is_connected(const pod::Pod& pod);

/// Claims a number for each connected network, in the order of PodPlan::networks, and adds them to the parameters.
Result<std::vector<ns::NumberClaim>> claim_numbers(const pod::Pod& pod, const pod::NetworkFacts& facts,
                                                   pod::RunParameters& run_parameters);

}  // namespace podrun::supervisor
