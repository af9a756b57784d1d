// Decides which networks of a pod are connected.
#include "pod/annotations/network_choice.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "pod/annotations/composition_text.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

constexpr std::uint8_t tcp = 6, udp = 17, sctp = 132;  ///< IPPROTO_…

std::vector<ContainerComposition> composition_of(const Pod& pod) {
  std::vector<CompositionError> errors;
  return compose(pod, errors);
}

std::vector<std::string> names_of(const Pod& pod) {
  std::vector<std::string> names;
  for (const Container& container : pod.spec.containers) names.push_back(container.name);
  return names;
}

std::uint8_t number_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::Tcp: return tcp;
    case Protocol::Udp: return udp;
    case Protocol::Sctp: return sctp;
  }
  __builtin_unreachable();
}

std::string_view protocol_name(std::uint8_t number) {
  return number == udp ? "UDP" : number == sctp ? "SCTP" : "TCP";
}

/// Whether a socket that is bound to `one` receives what is sent to `other`.
bool includes(const std::optional<IpAddress>& one, const std::optional<IpAddress>& other) {
  if (!one) return true;
  return other && one->family == other->family && (is_unspecified(*one) || *one == *other);
}

}  // namespace

PodNetworks::PodNetworks(const Pod& pod) : PodNetworks(pod, composition_of(pod)) {}

PodNetworks::PodNetworks(const Pod& pod, const std::vector<ContainerComposition>& composed) : pod_(pod) {
  for (const ContainerComposition& each : composed)
    sources_.push_back(source_of(each.namespaces, NamespaceKind::Net));
  const auto is_pods = [](const NamespaceSource& source) { return source.owner == NamespaceOwner::Pod; };
  if (std::ranges::any_of(sources_, is_pods) && is_connected("")) connected_.push_back({});
  for (std::size_t i = 0; i < sources_.size(); ++i)
    if (const std::string& name = pod.spec.containers[i].name;
        sources_[i].owner == NamespaceOwner::Private && is_connected(name))
      connected_.push_back({.container = name});
}

bool PodNetworks::is_connected(const std::string& owner) const {
  const bool is_pods = owner.empty();
  // What is the pod's in such a pod is only the namespace of a container that asks for one.
  if (is_pods && pod_.spec.host_network) return false;
  const std::string key =
      is_pods ? std::string(network_annotation) : fmt::format("{}{}", container_network_annotation, owner);
  const auto found = pod_.metadata.annotations.find(key);
  return found == pod_.metadata.annotations.end() ? is_pods : found->second == "default";
}

std::optional<std::string> PodNetworks::owner_of(std::size_t container) const {
  const auto& [owner, other] = sources_[container];
  switch (owner) {
    case NamespaceOwner::Pod: return "";
    case NamespaceOwner::Private: return pod_.spec.containers[container].name;
    case NamespaceOwner::Container: return pod_.spec.containers[other].name;
    case NamespaceOwner::Host: return std::nullopt;
  }
  __builtin_unreachable();
}

std::optional<NetworkChoice> PodNetworks::of(std::size_t container) const {
  const auto owner = owner_of(container);
  const auto found = owner ? std::ranges::find(connected_, *owner, &NetworkChoice::container) : connected_.end();
  return found == connected_.end() ? std::nullopt : std::optional(*found);
}

bool PodNetworks::is_host(std::size_t container) const { return sources_[container].owner == NamespaceOwner::Host; }

bool PodNetworks::is_pods(std::size_t container) const { return sources_[container].owner == NamespaceOwner::Pod; }

std::string PodNetworks::lack_of(std::size_t container) const {
  const auto owner = owner_of(container);
  if (!owner || of(container)) return "";
  if (!owner->empty())
    return fmt::format("that of the container {0} has loopback only; {1}{0}: default connects it", *owner,
                       container_network_annotation);
  if (pod_.spec.host_network) return "with hostNetwork: true the pod has none of its own but loopback";
  return fmt::format("the pod has loopback only, by {}: none", network_annotation);
}

std::vector<PublishedPort> PodNetworks::published_ports(const NetworkChoice& choice) const {
  std::vector<PublishedPort> ports;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const Container& container = pod_.spec.containers[i];
    if (container.role == ContainerRole::Init || of(i) != choice) continue;
    for (const ContainerPort& port : container.ports)
      if (port.host_port != 0) ports.push_back(published(port, container.name));
  }
  return ports;
}

bool PodNetworks::has_resolver(const NetworkChoice& choice) const {
  constexpr std::int64_t port_of_dns = 53;
  const DnsPolicy policy = pod_.spec.dns_policy;
  if (policy == DnsPolicy::Default || policy == DnsPolicy::None) return false;
  if (std::ranges::find(connected_, choice) == connected_.end()) return false;
  for (std::size_t i = 0; i < sources_.size(); ++i)
    for (const ContainerPort& port : pod_.spec.containers[i].ports)
      if (of(i) == choice && port.container_port == port_of_dns && port.protocol != Protocol::Sctp) return false;
  return true;
}

std::optional<std::string> PodNetworks::error_of(std::string_view annotation) const {
  if (annotation == network_annotation)
    return !pod_.spec.host_network ? std::nullopt
                                   : std::optional<std::string>(
                                         "with hostNetwork: true the pod uses the host's network, and has none of its "
                                         "own that could be connected or not");
  const std::string_view name = annotation.substr(container_network_annotation.size());
  const auto container = container_called(name, names_of(pod_));
  if (!container) return container.error();
  if (sources_[*container].owner == NamespaceOwner::Private) return std::nullopt;
  return fmt::format("{} has no network of its own: {} must give it net=private", name, namespaces_annotation);
}

std::vector<CompositionError> PodNetworks::errors() const {
  std::vector<CompositionError> errors;
  for (const auto& [key, value] : pod_.metadata.annotations)
    if (is_network_annotation(key))
      if (auto error = error_of(key)) errors.push_back({key, *std::move(error)});
  return errors;
}

bool is_network_annotation(std::string_view key) {
  return key == network_annotation || key.starts_with(container_network_annotation);
}

bool is_same_host_port(const PublishedPort& one, const PublishedPort& other) {
  return one.host_port == other.host_port && one.protocol == other.protocol &&
         (includes(one.host_ip, other.host_ip) || includes(other.host_ip, one.host_ip));
}

PublishedPort published(const ContainerPort& port, std::string container) {
  const std::int64_t host_port = port.host_port == 0 ? port.container_port : port.host_port;
  return {.host_port = static_cast<std::uint16_t>(host_port),
          .host_ip = parse_ip(port.host_ip),
          .protocol = number_of(port.protocol),
          .container_port = static_cast<std::uint16_t>(port.container_port),
          .container = std::move(container)};
}

std::string port_words(const PublishedPort& port) {
  const std::string address = port.host_ip ? text_of(*port.host_ip) : "";
  const std::string_view before = address.contains(':') ? "[" : "", after = address.contains(':') ? "]:" : ":";
  return fmt::format("{}{}{}{}/{}", before, address, address.empty() ? "" : after, port.host_port,
                     protocol_name(port.protocol));
}

}  // namespace podrun::pod
