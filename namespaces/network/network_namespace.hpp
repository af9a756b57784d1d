// Work in another network namespace. A socket stays in the namespace in which it was opened, so that the time there is
// short: open, and return.
#pragma once

#include <functional>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/netlink/netlink_socket.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Runs `work` in the network namespace of a descriptor that setns(2) takes, and comes back to the caller's. If there is
/// no way back the process aborts: it must not go on in the wrong namespace.
Result<> in_network_namespace(int network_namespace, const std::function<Result<>()>& work);

/// Opens a socket of rtnetlink(7) there.
Result<NetlinkSocket> open_route_socket_in(int network_namespace);

/// A descriptor of the network namespace itself, for messages that take no pidfd.
Result<Fd> open_network_namespace(int network_namespace);

}  // namespace podrun::ns
