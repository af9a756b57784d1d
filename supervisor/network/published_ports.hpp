// The ports of the host that lead to a pod: bound before anything of the pod exists, and then held by the pause.
#pragma once

#include <cstddef>
#include <vector>

#include "namespaces/launch/pause_start.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// Binds all ports of the networks: ns::bind_ports(). The sockets are added to what the pause holds.
Result<> bind_published_ports(const std::vector<pod::NetworkPlan>& networks, std::vector<ns::NamedFd>& holds);

/// The most descriptors that a process has for a network.
std::size_t sockets_of(const pod::NetworkPlan& network);

}  // namespace podrun::supervisor
