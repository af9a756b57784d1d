// Describes the steps that connect a network.
#include <fmt/format.h>

#include "pod/annotations/network_choice.hpp"
#include "pod/plan/describe.hpp"
#include "pod/plan/describe_words.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/quote.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

constexpr std::uint8_t udp = 17, sctp = 132;  ///< IPPROTO_…

/// Addresses as prefixes that contain nothing else: "10.77.0.5/32 fd77:1:2:3::5/128".
std::string prefix_words(const Addresses& addresses) {
  std::vector<std::string> words;
  for (const IpAddress& address : addresses.list()) words.push_back(text_of(only(address)));
  return joined(words, " ");
}

StepText words(const network::HostSetting& s) {
  return {"host sysctl", fmt::format("{} = {}, until the last pod that needs it ends", s.name, s.value)};
}
StepText words(const network::Link& s) {
  return {"link", fmt::format("veth {} ↔ eth0 in the namespace, mtu {}", s.interface, s.mtu)};
}
StepText words(const network::PodEnd& s) {
  return {"its end", fmt::format("eth0: {}; routes by {}", prefix_words(s.addresses), address_words(s.gateways))};
}
StepText words(const network::HostEnd& s) {
  return {"host's end", fmt::format("{}: {}; routes to {}", s.interface, prefix_words(s.gateways),
                                    address_words(s.addresses))};
}
std::string table_words(const nft::Table& table) {
  std::vector<std::string> chains;
  for (const nft::Chain& chain : table.chains) chains.push_back(chain.name);
  return fmt::format("table {} ({})", table.name, joined(chains, " "));
}
StepText words(const network::Filter& s) {
  return {"filter", table_words(s.table) + ", which the pause owns"};
}
StepText words(const network::SharedFilter& s) {
  return {"pods' filter", fmt::format("{}, of all pods; {} element{}", table_words(s.table),
                                      s.elements.size(), s.elements.size() == 1 ? "" : "s")};
}
StepText words(const network::DockerRule& s) {
  return {"docker", fmt::format("accept {} in the chain DOCKER-USER of {} filter, until the pod ends", s.interface,
                                s.family)};
}
StepText words(const network::ForgetConnections& s) {
  std::vector<std::string> ports;
  for (const PublishedPort& port : s.ports) ports.push_back(port_words(port));
  return {"forget", fmt::format("connections to {} of former pods", joined(ports, ", "))};
}
StepText words(const network::Resolver& s) {
  const std::string upstreams = s.upstreams.empty() ? "nobody else" : joined(s.upstreams, " ");
  return {"resolver", fmt::format("{} port 53 on lo → {}; podrun-resolver starts at the first query",
                                  text_of(s.address), upstreams)};
}

}  // namespace

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

std::string_view protocol_name(std::uint8_t number) {
  if (number == udp) return "UDP";
  return number == sctp ? "SCTP" : "TCP";
}

std::string address_words(const Addresses& addresses) {
  std::vector<std::string> words;
  for (const IpAddress& address : addresses.list()) words.push_back(text_of(address));
  return joined(words, " ");
}

StepText describe(const NetworkStep& step) {
  StepText text = std::visit([](const auto& s) { return words(s); }, step);
  return {std::move(text.action), escaped(text.detail)};
}

}  // namespace podrun::pod
