// Starts podrun-forwarder, which passes what comes to the host's ports at 127.0.0.1 and ::1 on to the pod
// (namespaces/forwarder/main.cpp says with which rights).
#pragma once

#include <cstdint>
#include <vector>

#include "namespaces/kernel/start_helper.hpp"
#include "pod/network/ip_address.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A socket of the host, and the port of the pod that it leads to; its address may be of the other family.
struct ForwardedSocket {
  int socket;             ///< BoundPort::socket
  std::uint8_t protocol;  ///< IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP
  pod::IpAddress address;
  std::uint16_t port;
};

/// Its times in seconds; only tests have others.
struct ForwarderTimes {
  unsigned idle = 60;     ///< it exits after so long without a connection or session
  unsigned session = 30;  ///< a client's datagrams belong together if no more time is between them
  unsigned connect = 10;  ///< the longest time to connect to the pod
};

/// Starts a forwarder at its gate. It exits with 0 when it was idle. While it runs nobody else may accept from the
/// sockets. Error E2BIG: these are more sockets than it takes.
Result<StartedHelper> start_forwarder(const HelperSite& site, const std::vector<ForwardedSocket>& sockets,
                                      const ForwarderTimes& times = {});

}  // namespace podrun::ns
