// The names in which addresses and ports stand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pod/network/ip_address.hpp"

namespace podrun::resolver {

/// An address as one label: "10-77-0-5", "fd00--5".
std::string dashed(const pod::IpAddress& address);

/// The name of its PTR record: "5.0.77.10.in-addr.arpa".
std::string reverse_name(const pod::IpAddress& address);

/// Whether it is that name: quicker than a comparison.
bool is_reverse_name(const pod::IpAddress& address, std::string_view name);

/// A port as a number, 1 … 65535. Empty: it is none.
std::optional<std::uint16_t> port_number(std::string_view text);

/// An address as inet_ntop(3) writes it.
std::string address_text(const pod::IpAddress& address);
/// The inverse, as inet_pton(3) reads it. Empty: it is none.
std::optional<pod::IpAddress> address_of(const std::string& text);

}  // namespace podrun::resolver
