// Ports of the host that lead to containers. They are bound before anything of the pod starts, so that a port that is
// taken is found then, and nobody else takes it later.
//
// A connection from another machine, or from the host to one of its own addresses, never arrives at these sockets: rules
// send it on to the pod, which they find by the socket's mark (pod/network/shared_table.hpp). What does arrive is for
// 127.0.0.1 or ::1; podrun-forwarder takes it from these sockets. Everything else is dropped by a filter on the socket.
//
// The sockets of connections that podrun-forwarder accepts have the mark, too, and what it sends by them. Their packets
// stay on the loopback interface: the kernel looks for local addresses before it looks at rules about marks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A socket that is bound to a port of the host. TCP and SCTP: it listens.
struct BoundPort {
  pod::PublishedPort port;
  pod::IpFamily family;
  Fd socket;
};

/// Binds all ports, each in the families that the host has, unless `host_ip` names one. An error says which port, and
/// who has it as far as the kernel tells: "port 8080/TCP of the host is taken by nginx (pid 123)". EADDRNOTAVAIL: the
/// host has no such address. EPROTONOSUPPORT: the kernel has no SCTP.
/// Their sockets have the marks pod::port_mark() of the network's number.
Result<std::vector<BoundPort>> bind_ports(const std::vector<pod::PublishedPort>& ports, std::uint32_t number);

}  // namespace podrun::ns
