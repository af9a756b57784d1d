// The number of a pod's network, and what has it: the addresses and the name of the interface.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pod/network/network_config.hpp"
#include "pod/network/network_steps.hpp"

namespace podrun::pod {

/// The least number. The first address of a subnet is its own name, the second is the gateway's.
inline constexpr std::uint32_t least_number = 2;
/// The largest number, whatever the subnets are.
inline constexpr std::uint32_t most_number = 65533;

/// The largest number that all subnets of the host have an address for: at most most_number, and of a subnet with N
/// addresses N - 2, which is less than least_number if it is too small for pods.
std::uint32_t largest_number(const NetworkFacts& facts);

/// The number that a network gets unless another one has it: always the same for the same key. `key` is
/// network_key().
std::uint32_t preferred_number(const NetworkFacts& facts, std::string_view key);

/// What a network of a pod is known by: "default_web" the pod's own, "default_web/db" that of a container.
std::string network_key(std::string_view pod_id, std::string_view container);

/// The addresses of the network with that number: one of each family that pods have on the host.
Addresses addresses_of(const NetworkFacts& facts, std::uint32_t number);
/// The addresses of the host on the interfaces of all pods.
Addresses gateways_of(const NetworkFacts& facts);

/// The name of the interface on the host: "podrun5". The pod's table has it, too.
std::string interface_name(std::uint32_t number);
/// The most ports of the host that one network publishes: each has a mark of its own.
inline constexpr std::size_t most_ports = 4096;
/// The mark, SO_MARK of socket(7), of the sockets that are bound to a published port of the host, by the port's place in
/// NetworkPlan::ports. The rules of all pods find the pod by it: 0x7NNNNIII.
constexpr std::uint32_t port_mark(std::uint32_t number, std::size_t port) {
  return 0x7000'0000 | number << 12 | static_cast<std::uint32_t>(port);
}
/// The number in such a mark.
constexpr std::uint32_t number_of_mark(std::uint32_t mark) { return mark >> 12 & 0xffff; }

/// A hash that is the same on every machine and in every version: FNV-1a.
std::uint64_t stable_hash(std::string_view text);

/// The names of the interfaces of all pods, as rules match them.
inline constexpr std::string_view every_interface = "podrun*";

}  // namespace podrun::pod
