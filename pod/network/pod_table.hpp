// The packet filter of one network of a pod: what is its own. What all pods have in common is in shared_table.hpp.
#pragma once

#include <string>
#include <vector>

#include "pod/network/network_steps.hpp"
#include "pod/network/nft_table.hpp"

namespace podrun::pod {

/// The table of a network that has its number, interface, addresses and ports. A chain that would have no rule is left
/// out. With many pods, each connection that a program of the host begins meets the chains `output` of all of them, so
/// their rules begin with what is seldom so.
nft::Table pod_table(const NetworkPlan& network);

/// The table where nobody holds sockets of the ports, as in a script: rules of its own translate them for all.
nft::Table table_without_sockets(const NetworkPlan& network);

/// The table by which the user of the network's resolver, resolver_uid(), may send to these addresses alone, to port 53.
nft::Table resolver_table(const NetworkPlan& network, const std::vector<std::string>& upstreams);

/// The table by which the user of podrun-forwarder may connect to pods alone.
nft::Table forwarder_table(const NetworkPlan& network);

/// Whether rules lead packets of a family that are sent to a port to the pod. One of a loopback address is served by
/// podrun-forwarder.
bool is_translated(const PublishedPort& port, IpFamily family);

}  // namespace podrun::pod
