// The packet filter that the pods of a host have in common: which connections are let through, how they are translated.
//
// The kernel has each new connection walk all chains of type nat, and each packet all that filter, so there is one table
// for all pods with the same facts. Its name is made of its content, and nothing but its elements ever changes: pods of
// different versions or configurations have tables beside each other.
#pragma once

#include <vector>

#include "pod/network/network_config.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/network/nft_table.hpp"

namespace podrun::pod {

/// The table of all pods with these facts: "podrun-2f6d0c1e".
nft::Table shared_table(const NetworkFacts& facts);

/// What a network of a pod adds to its sets: each port of the host, by port_mark(), and the pod's address if packets may
/// come back to it from its own port.
std::vector<nft::Element> shared_elements(const NetworkPlan& network);

}  // namespace podrun::pod
