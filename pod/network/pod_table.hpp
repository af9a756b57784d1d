// The packet filter of one network of a pod.
//
// Chains of the type nat see the first packet of each connection alone, so most rules are there, also those that drop:
// with many pods, a packet that belongs to a known connection meets no rule at all.
#pragma once

#include <string>
#include <vector>

#include "pod/network/network_config.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/network/nft_table.hpp"

namespace podrun::pod {

/// The table of a network that has its number, interface, addresses and ports. A chain that would have no rule is left
/// out.
nft::Table pod_table(const NetworkPlan& network, const NetworkFacts& facts);

/// The table by which the user of the network's resolver, resolver_uid(), may send to these addresses alone, to port 53.
nft::Table resolver_table(const NetworkPlan& network, const std::vector<std::string>& upstreams);

/// The table by which the user of podrun-forwarder may connect to pods alone.
nft::Table forwarder_table(const NetworkPlan& network);

}  // namespace podrun::pod
