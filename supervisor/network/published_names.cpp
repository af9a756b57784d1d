// What a pod publishes for the resolvers of all pods.
#include "supervisor/network/published_names.hpp"

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "pod/compile/compile_host_names.hpp"

namespace podrun::supervisor {
namespace {

std::string_view name_of(pod::Protocol protocol) {
  switch (protocol) {
    case pod::Protocol::Tcp: return "TCP";
    case pod::Protocol::Udp: return "UDP";
    case pod::Protocol::Sctp: return "SCTP";
  }
  return "";
}

void add_ports(const pod::PodSpec& spec, resolver::PublishedPod& published) {
  for (const pod::Container& container : spec.containers)
    for (const pod::ContainerPort& port : container.ports)
      if (!port.name.empty())
        published.ports.push_back({.name = port.name,
                                   .protocol = std::string(name_of(port.protocol)),
                                   .number = static_cast<std::uint16_t>(port.container_port)});
}

/// The port at which pods answer: a Service has no address of its own.
std::string target_of(const pod::ServicePort& port) {
  if (!port.target_port.name.empty()) return port.target_port.name;
  return std::to_string(port.target_port.number != 0 ? port.target_port.number : port.port);
}

resolver::PublishedService published(const pod::Service& service) {
  const pod::ServiceSpec& spec = service.spec;
  resolver::PublishedService made{.namespace_name = service.metadata.namespace_name,
                                  .name = service.metadata.name,
                                  .selector = spec.selector,
                                  .is_headless = pod::is_headless(service),
                                  .external_name = spec.external_name,
                                  .publishes_not_ready = spec.publish_not_ready_addresses,
                                  .ports = {}};
  for (const pod::ServicePort& port : spec.ports)
    made.ports.push_back({.name = port.name,
                          .protocol = std::string(name_of(port.protocol)),
                          .port = static_cast<std::uint16_t>(port.port),
                          .target = target_of(port)});
  return made;
}

}  // namespace

std::optional<resolver::PublishedPod> names_of(const pod::Pod& pod, const pod::PodPlan& plan,
                                               const pod::HostFacts& facts) {
  resolver::PublishedPod made{.namespace_name = pod.metadata.namespace_name,
                              .name = pod.metadata.name,
                              .hostname = pod::hostname(pod, facts),
                              .subdomain = pod.spec.subdomain,
                              .labels = pod.metadata.labels};
  for (const pod::NetworkPlan& network : plan.networks)
    if (network.container.empty()) {
      made.addresses = network.addresses.list();
      made.interface = network.interface;
    }
  if (pod.spec.host_network)
    for (const std::string& text : facts.addresses)
      if (const auto address = pod::parse_ip(text)) made.addresses.push_back(*address);
  add_ports(pod.spec, made);
  for (const auto& [name, service] : pod.objects.services) made.services.push_back(published(service));
  if (made.addresses.empty() && made.services.empty()) return std::nullopt;
  return made;
}

Result<> publish(const Layout& layout, const resolver::PublishedPod& pod) {
  const Fd folder = TRY(ns::open_names_folder(layout.names_folder().path()));
  return ns::publish_names(folder.get(), pod);
}

Result<> withdraw(const Layout& layout, const std::string& id) {
  ns::DirectoryHandle folder = layout.names_folder();
  if (const auto opened = folder.open(); !opened) return opened.error().number == ENOENT ? Result<>{} : opened;
  return ns::withdraw_names(folder.fd(), id);
}

Result<> publish_readiness(const Layout& layout, const std::string& id, bool is_ready) {
  ns::DirectoryHandle folder = layout.names_folder();
  if (const auto opened = folder.open(); !opened) return opened.error().number == ENOENT ? Result<>{} : opened;
  const auto text = folder.read_file(id, resolver::longest_file);
  if (!text) return text.error().number == ENOENT ? Result<>{} : std::unexpected(text.error());
  auto published = resolver::parse(*text);
  if (!published) return fail(fmt::format("{} is no file of names", folder.path_of(id)));
  if (published->is_ready == is_ready) return {};
  published->is_ready = is_ready;
  return publish(layout, *published);
}

}  // namespace podrun::supervisor
