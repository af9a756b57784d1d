// The texts of /proc/net and of resolv.conf(5).
#include "namespaces/network/host_text.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>

namespace podrun::ns {
namespace {

constexpr std::uint32_t rejects = 0x0200, learnt = 0x00040000, default_of_a_router = 0x00010000;  // RTF_…
constexpr std::uint32_t link_scope = 0x20, host_scope = 0x10;                                     // IPV6_ADDR_…
constexpr std::uint32_t tcp_listen = 0x0A;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; (at = line.find_first_not_of(" \t\r", at)) != line.npos;) {
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

/// Calls `use` with the words of each line.
template <typename Use>
void for_lines(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    use(words_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

template <typename Number>
std::optional<Number> number(std::string_view digits, int base = 16) {
  Number value{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// An address as /proc/net/ipv6_route has it: 32 digits in the order of the network.
std::optional<pod::IpAddress> from_digits(std::string_view digits) {
  pod::IpAddress address{.family = pod::IpFamily::V6};
  if (digits.size() != 2 * address.octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < address.octets.size(); ++i) {
    const auto octet = number<std::uint8_t>(digits.substr(2 * i, 2));
    if (!octet) return std::nullopt;
    address.octets[i] = *octet;
  }
  return address;
}

/// An address as /proc/net/route and /proc/net/tcp have it: in words of four octets, as this machine stores a number.
std::optional<pod::IpAddress> from_words(std::string_view digits) {
  pod::IpAddress address{.family = digits.size() == 8 ? pod::IpFamily::V4 : pod::IpFamily::V6};
  if (digits.size() != 2 * address.bytes().size()) return std::nullopt;
  for (std::size_t i = 0; i < address.bytes().size(); i += 4) {
    const auto word = number<std::uint32_t>(digits.substr(2 * i, 8));
    if (!word) return std::nullopt;
    std::memcpy(address.octets.data() + i, &*word, 4);
  }
  return address;
}

}  // namespace

std::vector<HostRoute> parse_ipv4_routes(std::string_view text) {
  std::vector<HostRoute> routes;
  for_lines(text, [&](const std::vector<std::string_view>& words) {
    if (words.size() < 8) return;
    const auto to = from_words(words[1]);
    const auto flags = number<std::uint32_t>(words[3]), mask = number<std::uint32_t>(words[7]);
    if (!to || !flags || !mask || (*flags & rejects) != 0) return;
    routes.push_back({std::string(words[0]), {*to, static_cast<unsigned>(std::popcount(*mask))}});
  });
  return routes;
}

pod::IpAddress last_ipv4_destination(std::string_view text) {
  text = text.substr(0, text.rfind('\n') + 1);
  text = text.substr(0, text.find_last_not_of('\n') + 1);
  const auto words = words_of(text.substr(text.rfind('\n') + 1));
  const auto to = words.size() < 8 ? std::nullopt : from_words(words[1]);
  return to.value_or(pod::IpAddress{});
}

std::vector<HostRoute> parse_ipv6_routes(std::string_view text) {
  std::vector<HostRoute> routes;
  for_lines(text, [&](const std::vector<std::string_view>& words) {
    if (words.size() < 10 || words[9] == "lo") return;
    const auto to = from_digits(words[0]);
    const auto length = number<unsigned>(words[1]);
    const auto flags = number<std::uint32_t>(words[8]);
    if (!to || !length || *length > 128 || !flags || (*flags & rejects) != 0 || to->octets[0] == 0xff) return;
    routes.push_back({std::string(words[9]), {*to, *length}, (*flags & (learnt | default_of_a_router)) != 0});
  });
  return routes;
}

std::vector<InterfaceAddress> parse_ipv6_addresses(std::string_view text) {
  std::vector<InterfaceAddress> addresses;
  for_lines(text, [&](const std::vector<std::string_view>& words) {
    if (words.size() < 6) return;
    const auto address = from_digits(words[0]);
    const auto scope = number<std::uint32_t>(words[3]);
    if (!address || !scope) return;
    addresses.push_back({std::string(words[5]), *address, *scope != link_scope && *scope != host_scope});
  });
  return addresses;
}

std::vector<std::string> parse_nameservers(std::string_view text) {
  std::vector<std::string> servers;
  for_lines(text, [&](const std::vector<std::string_view>& words) {
    if (words.size() >= 2 && words[0] == "nameserver") servers.emplace_back(words[1]);
  });
  return servers;
}

std::vector<SocketLine> parse_sockets(std::string_view text, std::uint16_t port) {
  std::vector<SocketLine> sockets;
  for_lines(text, [&](const std::vector<std::string_view>& words) {
    const std::size_t colon = words.size() < 10 ? std::string_view::npos : words[1].find(':');
    if (colon == std::string_view::npos) return;
    const auto its_port = number<std::uint16_t>(words[1].substr(colon + 1));
    if (its_port != port) return;
    const auto address = from_words(words[1].substr(0, colon));
    const auto state = number<std::uint32_t>(words[3]);
    const auto inode = number<std::uint64_t>(words[9], 10);
    if (address && state && inode) sockets.push_back({*address, port, *state == tcp_listen, *inode});
  });
  return sockets;
}

bool is_of_a_pod(std::string_view interface) {
  constexpr std::string_view name = "podrun";
  if (!interface.starts_with(name) || interface.size() == name.size()) return false;
  return std::ranges::all_of(interface.substr(name.size()), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace podrun::ns
