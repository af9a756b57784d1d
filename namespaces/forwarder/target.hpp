// Where a socket of the host leads. libc alone, no heap.
#pragma once

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

namespace podrun::forwarder {

/// The address of a socket, of either family.
union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

/// The size that the kernel expects of an address.
inline socklen_t size_of(const SocketAddress& address) {
  return address.any.sa_family == AF_INET ? sizeof address.v4 : sizeof address.v6;
}

/// A port of the pod.
struct Target {
  uint8_t protocol;  ///< IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP
  SocketAddress address;
};

/// Reads "tcp=10.77.0.5:80", "udp=[fd00::5]:53". Returns whether it is one.
bool parse_target(const char* word, Target& target);

}  // namespace podrun::forwarder
