// Waits until an interface is up, or gone. The kernel says when something changes; nothing here polls.
#pragma once

#include <chrono>
#include <string>

#include "namespaces/netlink/netlink_socket.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// What an interface does: it is not there, it drops what is sent by it, or it sends.
enum class LinkState : std::uint8_t { Absent, Down, Up };

/// Waits until the interface of that name in the network namespace of the caller and of the socket is in this state.
/// Error ETIMEDOUT. What is waited for takes no time as a rule.
Result<> wait_for_link(NetlinkSocket& socket, const std::string& interface, LinkState wanted,
                       std::chrono::milliseconds timeout);

}  // namespace podrun::ns
