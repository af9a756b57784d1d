// The names in which addresses and ports stand.
#include "namespaces/resolver/address_names.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace podrun::resolver {
namespace {

int family_of(const pod::IpAddress& address) { return address.family == pod::IpFamily::V4 ? AF_INET : AF_INET6; }

}  // namespace

std::string dashed(const pod::IpAddress& address) {
  std::string text = address_text(address);
  std::ranges::replace_if(text, [](char c) { return c == '.' || c == ':'; }, '-');
  return text;
}

std::string reverse_name(const pod::IpAddress& address) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto bytes = address.bytes();
  std::string name;
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    if (address.family == pod::IpFamily::V4) {
      name += std::to_string(*byte) + ".";
    } else {
      for (const unsigned nibble : {*byte & 0xfU, unsigned{*byte} >> 4}) {
        name += digits[nibble];
        name += '.';
      }
    }
  }
  return name + (address.family == pod::IpFamily::V4 ? "in-addr.arpa" : "ip6.arpa");
}

bool is_reverse_name(const pod::IpAddress& address, std::string_view name) {
  // Of most addresses the first label already differs.
  const bool is_v4 = address.family == pod::IpFamily::V4;
  std::array<char, 4> label{};
  const unsigned first = is_v4 ? address.bytes().back() : address.bytes().back() & 0xfU;
  char* const end = std::to_chars(label.data(), label.data() + label.size(), first, is_v4 ? 10 : 16).ptr;
  *end = '.';
  return name.starts_with(std::string_view(label.data(), end + 1)) && reverse_name(address) == name;
}

std::optional<std::uint16_t> port_number(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

std::string address_text(const pod::IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family_of(address), address.octets.data(), text.data(), text.size());
  return text.data();
}

std::optional<pod::IpAddress> address_of(const std::string& text) {
  pod::IpAddress address{.family = text.contains(':') ? pod::IpFamily::V6 : pod::IpFamily::V4};
  if (::inet_pton(family_of(address), text.c_str(), address.octets.data()) != 1) return std::nullopt;
  return address;
}

}  // namespace podrun::resolver
