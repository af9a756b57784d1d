// The file of requests of netlink(7) that the floor sends: headers, each with the requests that are sent at once.
#pragma once

#include <cstdint>

/// The socket that sends them.
enum SocketOfRequests : std::uint32_t { route_on_host, route_in_pod, filter_on_host, kinds_of_sockets };

struct RequestHeader {
  SocketOfRequests socket;
  std::uint32_t size;  ///< of what follows
};

/// The descriptor of the pod's network namespace, which is in the requests.
inline constexpr int network_of_requests = 100;
