// The names under which the pause holds what connects a pod to the host. A pod's networks and their ports are counted as
// in its plan.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/pause_client.hpp"

namespace podrun::supervisor {

/// The socket that claims the network's number: ns::NumberClaim.
std::string number_hold(std::size_t network);
/// The sockets that are bound to a published port, one for each family: ns::BoundPort.
std::string port_hold(std::size_t network, std::size_t port);
/// The socket that owns the network's table. It is the last that a start gives the pause: where it is, the network is
/// complete.
std::string filter_hold(std::size_t network);
/// The socket that owns the table which the network has in common with others, or that of the same content which is its
/// own: it has one of both.
std::string shared_filter_hold(std::size_t network);
std::string own_filter_hold(std::size_t network);
/// The sockets at which the network's resolver listens, UDP and TCP.
std::string resolver_hold(std::size_t network);

/// The socket that owns the table which holds the network's resolver, or the pod's forwarder, to what it has to reach.
std::string resolver_filter_hold(std::size_t network);
inline constexpr char forwarder_filter_hold[] = "network/forwarder/filter";

/// Moves the descriptors of that name out of the holdings; none if there is no such hold.
std::vector<Fd> take_all(ns::Holdings& holdings, std::string_view name);
/// The first of them; empty if there is none.
Fd take_one(ns::Holdings& holdings, std::string_view name);

}  // namespace podrun::supervisor
