// Checks Services as the API server does (ValidateService). Their values are checked by the tables.
#include "pod/manifest/validate_services.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "pod/manifest/list_places.hpp"
#include "pod/manifest/validate_pod.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::find;
using yaml::Kind;
using yaml::Node;

std::string_view name_of(Protocol protocol) {
  return protocol == Protocol::Udp ? "UDP" : protocol == Protocol::Sctp ? "SCTP" : "TCP";
}

bool is_set(const Node* node) { return node != nullptr && node->kind != Kind::Null; }

class ServiceCheck {
 public:
  ServiceCheck(const Service& service, const Node& root, DiagnosticCollector& report)
      : service_(service), root_(root), spec_(root.find("spec")), report_(report) {}

  /// The name is a label of DNS, and must not look like a number.
  void check_name() {
    const Node* name = find(&root_, {"metadata", "name"});
    const std::string& text = service_.metadata.name;
    if (name == nullptr || text.empty()) return;
    if (!dns_label(text).empty() || (text[0] >= '0' && text[0] <= '9'))
      report_.add(name->at, fmt::format("the name {} of a Service must be a DNS label that begins with a letter",
                                        in_quotes(text)));
  }

  void check_type() {
    const bool is_alias = service_.spec.type == ServiceType::ExternalName;
    if (is_alias && service_.spec.external_name.empty() && !is_set(find(spec_, {"externalName"})))
      report_.add(spec_->find("type")->at, "a Service of type ExternalName needs externalName",
                  "the name that it stands for");
    if (is_alias && !service_.spec.cluster_ip.empty())
      report_.add(spec_->find("clusterIP")->at, "clusterIP cannot be together with type ExternalName");
    const bool opens = service_.spec.type == ServiceType::NodePort || service_.spec.type == ServiceType::LoadBalancer;
    if (opens && is_headless(service_))
      report_.add(spec_->find("clusterIP")->at,
                  fmt::format("clusterIP None cannot be together with type {}", spec_->find("type")->text));
    if (opens)
      report_.warn(spec_->find("type")->at,
                   fmt::format("type {} opens no port of the host", spec_->find("type")->text),
                   "hostPort of a container opens one");
    const bool is_plain = service_.spec.type == ServiceType::ClusterIp && is_headless(service_);
    if (service_.spec.ports.empty() && !is_alias && !is_plain && !is_set(find(spec_, {"ports"})))
      report_.add(spec_ == nullptr ? root_.at : spec_->at, "the field \"ports\" is missing in a Service's spec",
                  "a headless one, with clusterIP: None, needs none");
  }

  void check_ports() {
    const Places places(spec_, "ports");
    const auto& ports = service_.spec.ports;
    Unique names("the port name", report_), numbers("the port", report_);
    for (std::size_t i = 0; i < ports.size(); ++i) {
      names.add(ports[i].name, places.of(i, "name"));
      if (ports[i].port != 0)
        numbers.add(fmt::format("{}/{}", ports[i].port, name_of(ports[i].protocol)), places.of(i, "port"));
      const Node* name = find(places.item(i), {"name"});
      if (ports.size() > 1 && ports[i].name.empty() && (!is_set(name) || name->text.empty()))
        report_.add(places.of(i, "name"), "each of several ports of a Service needs a name");
    }
    check_node_ports(places);
  }

  void check_affinity() {
    const Node* affinity = find(spec_, {"sessionAffinity"});
    const Node* config = find(spec_, {"sessionAffinityConfig"});
    const bool by_client = affinity != nullptr && affinity->text == "ClientIP";
    if (is_set(config) && !by_client)
      report_.add(config->at, "sessionAffinityConfig belongs only to sessionAffinity: ClientIP");
  }

 private:
  void check_node_ports(const Places& places) {
    const ServiceType type = service_.spec.type;
    if (type == ServiceType::NodePort || type == ServiceType::LoadBalancer || is_type_unknown()) return;
    for (std::size_t i = 0; i < service_.spec.ports.size(); ++i) {
      const Node* port = find(places.item(i), {"nodePort"});
      if (is_set(port) && port->text != "0")
        report_.add(port->at, "nodePort belongs only to the types NodePort and LoadBalancer");
    }
  }
  /// Whether the type is reported already.
  bool is_type_unknown() const {
    const Node* type = find(spec_, {"type"});
    return is_set(type) && service_.spec.type == ServiceType::ClusterIp && type->text != "ClusterIP";
  }

  const Service& service_;
  const Node& root_;
  const Node* spec_;
  DiagnosticCollector& report_;
};

/// The number that a pod has for a port of a Service; empty if it has none of that name.
std::optional<std::int64_t> number_in(const Pod& pod, const ServicePort& port) {
  for (const Container& container : pod.spec.containers)
    for (const ContainerPort& each : container.ports)
      if (each.name == port.target_port.name && each.protocol == port.protocol) return each.container_port;
  return std::nullopt;
}

/// The port at which the pods of a Service answer, as far as it is known.
std::optional<std::int64_t> answering_port(const Service& service, const ServicePort& port,
                                           const std::vector<const Pod*>& pods) {
  if (port.target_port.number != 0) return port.target_port.number;
  if (port.target_port.name.empty()) return port.port;
  for (const Pod* pod : pods)
    if (pod->metadata.namespace_name == service.metadata.namespace_name && selects(service, pod->metadata))
      if (const auto number = number_in(*pod, port)) return number;
  return std::nullopt;
}

}  // namespace

void validate(const Service& service, const Node& root, DiagnosticCollector& report) {
  if (const Node* metadata = root.find("metadata")) check_metadata(service.metadata, *metadata, report);
  ServiceCheck check(service, root, report);
  check.check_name();
  check.check_type();
  check.check_ports();
  check.check_affinity();
}

void warn_of_ports(const Service& service, const Node& root, const std::vector<const Pod*>& pods,
                   DiagnosticCollector& report) {
  if (service.spec.type == ServiceType::ExternalName || is_headless(service)) return;
  const Places places(root.find("spec"), "ports");
  for (std::size_t i = 0; i < service.spec.ports.size(); ++i) {
    const ServicePort& port = service.spec.ports[i];
    const auto answering = answering_port(service, port, pods);
    if (!answering || port.port == 0 || *answering == port.port) continue;
    report.warn(places.of(i, "port"),
                fmt::format("at {}:{} nothing answers: the Service's name leads to its pods, which answer at {}",
                            service.metadata.name, port.port, *answering),
                fmt::format("podrun has no virtual addresses: clients use {}:{}", service.metadata.name, *answering));
  }
}

}  // namespace podrun::pod
