// The number of a pod's network, and what has it.
#include "pod/network/addresses.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

constexpr std::uint32_t number_of_gateway = 1;

std::uint32_t largest_in(const IpPrefix& subnet) {
  const unsigned free_bits = subnet.address.bits() - subnet.length;
  constexpr unsigned enough_bits = 16;
  if (free_bits >= enough_bits) return most_number;
  const std::uint32_t size = std::uint32_t{1} << free_bits;
  return size < 4 ? 0 : size - 2;  // the last address of IPv4 is that of broadcasts
}

Addresses nth_of_each(const NetworkFacts& facts, std::uint32_t number) {
  Addresses addresses;
  if (facts.ipv4) addresses.ipv4 = nth_address(*facts.ipv4, number);
  if (facts.ipv6) addresses.ipv6 = nth_address(*facts.ipv6, number);
  return addresses;
}

}  // namespace

std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char each : text) hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3;
  return hash ^ hash >> 32;
}

std::uint32_t largest_number(const NetworkFacts& facts) {
  std::uint32_t largest = most_number;
  if (facts.ipv4) largest = std::min(largest, largest_in(*facts.ipv4));
  if (facts.ipv6) largest = std::min(largest, largest_in(*facts.ipv6));
  return largest;
}

std::uint32_t preferred_number(const NetworkFacts& facts, std::string_view key) {
  const std::uint32_t largest = std::max(largest_number(facts), least_number);
  return least_number + static_cast<std::uint32_t>(stable_hash(key) % (largest - least_number + 1));
}

std::string network_key(std::string_view pod_id, std::string_view container) {
  return container.empty() ? std::string(pod_id) : fmt::format("{}/{}", pod_id, container);
}

Addresses addresses_of(const NetworkFacts& facts, std::uint32_t number) { return nth_of_each(facts, number); }

Addresses gateways_of(const NetworkFacts& facts) { return nth_of_each(facts, number_of_gateway); }

std::string interface_name(std::uint32_t number) { return fmt::format("podrun{}", number); }

}  // namespace podrun::pod
