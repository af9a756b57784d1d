// IP addresses and prefixes as values.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace podrun::pod {

/// The two families of addresses.
enum class IpFamily : std::uint8_t { V4, V6 };

/// The name of a family in messages: "IPv4", "IPv6".
constexpr std::string_view name_of(IpFamily family) { return family == IpFamily::V4 ? "IPv4" : "IPv6"; }

/// An IPv4 or IPv6 address, in network byte order.
struct IpAddress {
  IpFamily family = IpFamily::V4;
  std::array<std::uint8_t, 16> octets{};  ///< of an IPv4 address the first four; the rest is 0

  bool operator==(const IpAddress&) const = default;
  auto operator<=>(const IpAddress&) const = default;

  /// The octets that the family uses: 4 or 16.
  std::span<const std::uint8_t> bytes() const { return {octets.data(), family == IpFamily::V4 ? 4U : 16U}; }
  /// The number of bits of an address of its family: 32 or 128.
  unsigned bits() const { return family == IpFamily::V4 ? 32 : 128; }
};

/// Reads an address as inet_pton(3) does. Empty: it is none.
std::optional<IpAddress> parse_ip(std::string_view text);

/// The address as inet_ntop(3) writes it.
std::string text_of(const IpAddress& address);

/// Whether it is one of 127.0.0.0/8 or ::1.
bool is_loopback(const IpAddress& address);
/// Whether it is 0.0.0.0 or ::, which stand for all addresses of the host.
bool is_unspecified(const IpAddress& address);
/// Whether it is an IPv4 address that is written as an IPv6 one: ::ffff:192.0.2.1.
bool is_ipv4_in_ipv6(const IpAddress& address);

/// A prefix of addresses: "10.77.0.0/16". The bits after the prefix are 0.
struct IpPrefix {
  IpAddress address;
  unsigned length = 0;  ///< in bits

  bool operator==(const IpPrefix&) const = default;
};

/// Reads ADDRESS/LENGTH. Empty: it is none, or bits after the prefix are set.
std::optional<IpPrefix> parse_prefix(std::string_view text);

std::string text_of(const IpPrefix& prefix);

/// The prefix that has this address alone.
IpPrefix only(const IpAddress& address);

/// Whether an address is in a prefix; never if their families differ.
bool contains(const IpPrefix& prefix, const IpAddress& address);
/// Whether two prefixes have addresses in common.
bool overlap(const IpPrefix& one, const IpPrefix& other);

/// The address `number` places after the first one of a prefix. The caller keeps it inside the prefix.
IpAddress nth_address(const IpPrefix& prefix, std::uint32_t number);

}  // namespace podrun::pod
