// Which subnets, kernel parameters and resolvers pods use on a host.
#include "namespaces/network/network_choice.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include "namespaces/network/kernel_network.hpp"

namespace podrun::ns {
namespace {

constexpr std::uint8_t first_candidate = 77, last_candidate = 127;

/// The route that keeps a subnet from pods, if there is one.
const HostRoute* overlapping(const pod::IpPrefix& subnet, const std::vector<HostRoute>& routes) {
  const auto found = std::ranges::find_if(routes, [&](const HostRoute& route) {
    return is_specific(route.to.address.family, route.to.length) && !is_of_a_pod(route.interface) &&
           overlap(subnet, route.to);
  });
  return found == routes.end() ? nullptr : &*found;
}

std::string text_of(const HostRoute& route) { return fmt::format("{} ({})", pod::text_of(route.to), route.interface); }

Subnet choose(const std::optional<pod::IpPrefix>& configured, const std::vector<pod::IpPrefix>& candidates,
              const std::vector<HostRoute>& routes, std::string_view setting) {
  if (configured) {
    const HostRoute* const used = overlapping(*configured, routes);
    if (!used) return *configured;
    return std::unexpected(
        fmt::format("the host's route {} overlaps the subnet of pods {}: choose another one as {} in {}",
                    text_of(*used), pod::text_of(*configured), setting, network_config_file));
  }
  for (const pod::IpPrefix& candidate : candidates)
    if (!overlapping(candidate, routes)) return candidate;
  return std::unexpected(fmt::format(
      "routes of the host, such as {}, overlap all of {} … {}: choose the subnet of pods as {} in {}",
      text_of(*overlapping(candidates.front(), routes)), pod::text_of(candidates.front()),
      pod::text_of(candidates.back()), setting, network_config_file));
}

/// 64 well mixed bits, FNV-1a and the last step of splitmix64. No secret depends on it.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 14695981039346656037U;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211U;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9U;
  value = (value ^ value >> 27) * 0x94d049bb133111ebU;
  return value ^ value >> 31;
}

}  // namespace

std::vector<pod::IpPrefix> ipv4_candidates() {
  std::vector<pod::IpPrefix> candidates;
  for (unsigned second = first_candidate; second <= last_candidate; ++second)
    candidates.push_back({pod::IpAddress{pod::IpFamily::V4, {10, static_cast<std::uint8_t>(second)}}, 16});
  return candidates;
}

std::vector<pod::IpPrefix> ipv6_candidates(std::string_view seed) {
  const std::uint64_t mixed = hash(fmt::format("podrun {}", seed));
  pod::IpAddress address{.family = pod::IpFamily::V6};
  address.octets[0] = 0xfd;
  for (unsigned i = 1; i <= 5; ++i) address.octets[i] = static_cast<std::uint8_t>(mixed >> (8 * i));
  std::vector<pod::IpPrefix> candidates;
  for (std::uint8_t last = 0x77; last <= 0x7f; ++last) {  // as in 10.77.0.0/16
    address.octets[7] = last;
    candidates.push_back({address, 64});
  }
  return candidates;
}

Subnet choose_ipv4(const std::optional<pod::IpPrefix>& configured, const std::vector<HostRoute>& routes) {
  return choose(configured, ipv4_candidates(), routes, "ipv4.subnet");
}

Subnet choose_ipv6(const std::optional<pod::IpPrefix>& configured, const std::vector<HostRoute>& routes,
                   std::string_view seed) {
  return choose(configured, ipv6_candidates(seed), routes, "ipv6.subnet");
}

std::string why_no_ipv6(const Ipv6State& state) {
  if (!state.exists) return "the kernel has no IPv6";
  if (!state.disabled_by.empty()) return fmt::format("IPv6 is switched off: {} is 1", state.disabled_by);
  const bool has_address = std::ranges::any_of(state.addresses, [](const InterfaceAddress& each) {
    return each.is_wide && !is_of_a_pod(each.interface);
  });
  if (!has_address && !state.is_forwarded && !state.has_pods)
    return "the host has no IPv6 address but loopback and link-local ones, and does not forward IPv6";
  return "";
}

std::vector<std::string> uplinks(const std::vector<HostRoute>& ipv4, const std::vector<HostRoute>& ipv6) {
  std::vector<std::string> found;
  for (const auto* routes : {&ipv4, &ipv6})
    for (const HostRoute& route : *routes) {
      if (route.to.length != 0 && !route.is_learnt) continue;
      if (!is_of_a_pod(route.interface)) found.push_back(route.interface);
    }
  std::ranges::sort(found);
  const auto rest = std::ranges::unique(found);
  found.erase(rest.begin(), rest.end());
  return found;
}

std::vector<pod::NeededSetting> ipv6_forwarding_settings(const std::vector<RouterListener>& uplinks) {
  std::vector<pod::NeededSetting> settings;
  for (const RouterListener& uplink : uplinks)
    if (uplink.accept_ra == 1 && !uplink.forwards)
      settings.push_back({fmt::format("net/ipv6/conf/{}/accept_ra", uplink.interface), "2"});
  settings.push_back({"net/ipv6/conf/all/forwarding", "1"});
  return settings;
}

std::vector<std::string> choose_upstreams(const std::vector<std::string>& hosts,
                                          const std::vector<std::string>& of_systemd_resolved) {
  const auto is_elsewhere = [](const std::string& server) {
    const auto address = pod::parse_ip(server.substr(0, server.find('%')));
    return address && !is_loopback(*address);
  };
  for (const auto* servers : {&hosts, &of_systemd_resolved}) {
    std::vector<std::string> found;
    std::ranges::copy_if(*servers, std::back_inserter(found), is_elsewhere);
    if (!found.empty()) return found;
  }
  return hosts;
}

}  // namespace podrun::ns
