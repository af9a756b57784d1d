// Claims the number of a pod in the subnets, which its addresses and the name of its interface have.
//
// The claim is a socket: it is bound (IP_FREEBIND) to port 1 of the pod's address, in the host's network namespace,
// where the address itself is not. The kernel lets nobody else bind the same, unprivileged users may not bind that port,
// and the claim ends with the last process that has the socket: the pause.
#pragma once

#include <cstdint>

#include "namespaces/kernel/fd.hpp"
#include "pod/network/network_config.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A number, and what keeps it.
struct NumberClaim {
  std::uint32_t number = 0;
  Fd socket;
};

/// Claims `preferred`, or the next number that is free: neither claimed, nor has an interface podrunN or a route of the
/// host its address. Error EADDRNOTAVAIL: all are taken.
Result<NumberClaim> claim_number(const pod::NetworkFacts& facts, std::uint32_t preferred);

}  // namespace podrun::ns
