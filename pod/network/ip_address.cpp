// IP addresses and prefixes as values.
#include "pod/network/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

bool bit_of(const IpAddress& address, unsigned index) {
  return (address.octets[index / 8] >> (7 - index % 8) & 1) != 0;
}

bool have_same_start(const IpAddress& one, const IpAddress& other, unsigned length) {
  for (unsigned i = 0; i < length; ++i)
    if (bit_of(one, i) != bit_of(other, i)) return false;
  return true;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != std::char_traits<char>::length(terminated.c_str())) return std::nullopt;
  IpAddress address;
  address.family = text.contains(':') ? IpFamily::V6 : IpFamily::V4;
  const int family = address.family == IpFamily::V6 ? AF_INET6 : AF_INET;
  if (::inet_pton(family, terminated.c_str(), address.octets.data()) != 1) return std::nullopt;
  return address;
}

std::string text_of(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const int family = address.family == IpFamily::V6 ? AF_INET6 : AF_INET;
  return ::inet_ntop(family, address.octets.data(), text, sizeof text);
}

bool is_loopback(const IpAddress& address) {
  if (address.family == IpFamily::V4) return address.octets[0] == 127;
  IpAddress one{.family = IpFamily::V6};
  one.octets[15] = 1;
  return address == one;
}

bool is_unspecified(const IpAddress& address) { return address == IpAddress{.family = address.family}; }

bool is_ipv4_in_ipv6(const IpAddress& address) {
  static const IpPrefix mapped = *parse_prefix("::ffff:0:0/96");
  return contains(mapped, address);
}

std::optional<IpPrefix> parse_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ip(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (!address || error != std::errc() || end != digits.data() + digits.size() || length > address->bits())
    return std::nullopt;
  for (unsigned i = length; i < address->bits(); ++i)
    if (bit_of(*address, i)) return std::nullopt;
  return IpPrefix{*address, length};
}

std::string text_of(const IpPrefix& prefix) { return fmt::format("{}/{}", text_of(prefix.address), prefix.length); }

IpPrefix only(const IpAddress& address) { return {address, address.bits()}; }

bool contains(const IpPrefix& prefix, const IpAddress& address) {
  return prefix.address.family == address.family && have_same_start(prefix.address, address, prefix.length);
}

bool overlap(const IpPrefix& one, const IpPrefix& other) {
  return one.address.family == other.address.family &&
         have_same_start(one.address, other.address, std::min(one.length, other.length));
}

IpAddress nth_address(const IpPrefix& prefix, std::uint32_t number) {
  IpAddress address = prefix.address;
  std::uint64_t carry = number;
  for (std::size_t i = address.bytes().size(); carry != 0 && i-- > 0; carry >>= 8) {
    carry += address.octets[i];
    address.octets[i] = static_cast<std::uint8_t>(carry);
  }
  return address;
}

}  // namespace podrun::pod
