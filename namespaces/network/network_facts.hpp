// What of the host the network of its pods depends on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pod/network/network_config.hpp"

namespace podrun::ns {

/// What facts are read for. A plan can be made by who may not make interfaces: then it is for one who may.
enum class FactsFor : std::uint8_t { Start, Plan };

/// Reads the facts: addresses, routes, kernel parameters, Docker's chain, resolvers. Changes nothing. A pod cannot have
/// a network if a route of the host overlaps the configured subnet: `why_not` says which, and what to change.
/// `leased`: the kernel parameters that other pods have changed, which this pod needs as well: NetworkFacts::settings
/// has them, so that they stay until the last pod ends.
/// `root` is the folder in which /proc and /etc are; the interfaces and filters are always those of the caller's network
/// namespace.
pod::NetworkFacts read_network_facts(const pod::NetworkConfig& config, const std::vector<std::string>& leased = {},
                                     const std::string& root = "", FactsFor purpose = FactsFor::Start);

/// The host's resolvers alone: NetworkFacts::upstreams.
std::vector<std::string> read_upstreams(const std::string& root = "");

}  // namespace podrun::ns
