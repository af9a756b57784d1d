// A pod's network in its record.
#include "supervisor/state/network_record.hpp"

#include <netinet/in.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/text/joined.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;
using json::object, json::Reader;
using Json = json::Value;

struct ProtocolName {
  std::uint8_t number;
  std::string_view name;
};
constexpr std::array protocols{ProtocolName{IPPROTO_TCP, "TCP"}, ProtocolName{IPPROTO_UDP, "UDP"},
                               ProtocolName{IPPROTO_SCTP, "SCTP"}};

std::string_view name_of(std::uint8_t protocol) {
  for (const ProtocolName& each : protocols)
    if (each.number == protocol) return each.name;
  return "?";
}

std::optional<pod::IpAddress> read_address(const Reader& from, const char* name) {
  if (!from.has(name)) return std::nullopt;
  const auto address = pod::parse_ip(from.text(name));
  if (!address) from.note(name, "is no address");
  return address;
}

Json json_of(const pod::PublishedPort& port) {
  Json members = object({{"hostPort", port.host_port},
                         {"protocol", name_of(port.protocol)},
                         {"containerPort", port.container_port},
                         {"container", port.container}});
  if (port.host_ip) members["hostIP"] = pod::text_of(*port.host_ip);
  return members;
}

pod::PublishedPort read_port(const Reader& from) {
  pod::PublishedPort port{.host_port = from.number<std::uint16_t>("hostPort"),
                          .host_ip = read_address(from, "hostIP"),
                          .protocol = IPPROTO_TCP,
                          .container_port = from.number<std::uint16_t>("containerPort"),
                          .container = from.text("container")};
  const std::string protocol = from.text("protocol");
  for (const ProtocolName& each : protocols)
    if (each.name == protocol) port.protocol = each.number;
  return port;
}

}  // namespace

NetworkRecord record_of(const pod::NetworkPlan& network) {
  return {.container = network.container,
          .interface = network.interface,
          .addresses = network.addresses,
          .ports = network.ports};
}

std::vector<NetworkRecord> network_records(const std::vector<pod::NetworkPlan>& networks) {
  std::vector<NetworkRecord> records;
  for (const pod::NetworkPlan& network : networks) records.push_back(record_of(network));
  return records;
}

std::string text_of(const pod::PublishedPort& port) {
  std::string host;
  if (port.host_ip) {
    const bool is_v6 = port.host_ip->family == pod::IpFamily::V6;
    host = is_v6 ? fmt::format("[{}]:", pod::text_of(*port.host_ip)) : pod::text_of(*port.host_ip) + ":";
  }
  return fmt::format("{}{}->{}/{}", host, port.host_port, port.container_port, name_of(port.protocol));
}

std::vector<std::string> texts_of(const pod::Addresses& addresses) {
  std::vector<std::string> texts;
  for (const pod::IpAddress& address : addresses.list()) texts.push_back(pod::text_of(address));
  return texts;
}

std::string network_sentence(const NetworkRecord& network) {
  std::string words = fmt::format("network{}{}: {}", network.container.empty() ? "" : " of ", network.container,
                                  pod::joined(texts_of(network.addresses), ", "));
  for (const pod::PublishedPort& port : network.ports) {
    const std::string protocol = port.protocol == IPPROTO_TCP ? "" : fmt::format("/{}", name_of(port.protocol));
    const std::string host = port.host_ip && !is_unspecified(*port.host_ip) ? pod::text_of(*port.host_ip) : "the host";
    words += fmt::format("; port {}{} of {} → {}:{}", port.host_port, protocol, host, port.container,
                         port.container_port);
  }
  return words;
}

Json to_json(const NetworkRecord& network) {
  Json ports = json::array();
  for (const pod::PublishedPort& port : network.ports) ports.push_back(json_of(port));
  Json members = object({{"interface", network.interface}, {"ports", std::move(ports)}});
  if (!network.container.empty()) members["container"] = network.container;
  if (network.addresses.ipv4) members["ipv4"] = pod::text_of(*network.addresses.ipv4);
  if (network.addresses.ipv6) members["ipv6"] = pod::text_of(*network.addresses.ipv6);
  return members;
}

NetworkRecord read_network_record(const Reader& from) {
  NetworkRecord network{.container = from.text_or("container", ""),
                        .interface = from.text("interface"),
                        .addresses = {.ipv4 = read_address(from, "ipv4"), .ipv6 = read_address(from, "ipv6")},
                        .ports = {}};
  for (const Json& port : from.items("ports")) network.ports.push_back(read_port(from.item(port)));
  return network;
}

}  // namespace podrun::supervisor
