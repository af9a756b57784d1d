// The tables of Services. The rules between fields are those of pod/manifest/validate_services.cpp.
#include <limits>

#include "pod/schema/schema_types.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr auto served = used("Services.AServiceIsGivenToEveryPodOfItsNamespace");
constexpr auto no_address = no_effect("a Service has no address of its own: its name leads to its pods");
constexpr auto no_balancer = no_effect("there is no load balancer");
constexpr auto not_opened = no_effect("no port of the host is opened for a Service; hostPort opens one");
constexpr auto no_choice = no_effect("there is one node");

ValueError cluster_ip(std::string_view value) {
  if (value.empty() || value == "None" || ip_address(value).empty()) return {};
  return "must be None, empty, or an IPv4 or IPv6 address";
}
/// The name of another host. A dot may end it.
ValueError external_name(std::string_view value) {
  if (value.ends_with('.')) value.remove_suffix(1);
  return dns_subdomain(value);
}

constexpr auto v1 = only("v1");
constexpr auto kind_service = only("Service");
constexpr Text cluster_ip_text{cluster_ip};
constexpr Text external_name_text{external_name};
constexpr Text port_label{dns_label};
constexpr Text protocol_label{qualified_name};
constexpr Texts cluster_ips{cluster_ip};
constexpr Texts addresses{ip_address};
constexpr TextMap selector_map{qualified_name, label_value};
constexpr PortNumberOrName target_port{};
constexpr Integer port{.least = 1, .most = 65535, .type = "int32"};
constexpr Integer port_or_none{.least = 0, .most = 65535, .type = "int32"};
constexpr Integer affinity_seconds{.least = 1, .most = 86400, .type = "int32"};
constexpr Choice protocols{std::array{std::pair{"TCP"sv, Protocol::Tcp}, std::pair{"UDP"sv, Protocol::Udp},
                                      std::pair{"SCTP"sv, Protocol::Sctp}}};
constexpr Choice types{std::array{
    std::pair{"ClusterIP"sv, ServiceType::ClusterIp}, std::pair{"NodePort"sv, ServiceType::NodePort},
    std::pair{"LoadBalancer"sv, ServiceType::LoadBalancer}, std::pair{"ExternalName"sv, ServiceType::ExternalName}}};
constexpr Choice traffic_policies{std::array{std::pair{"Cluster"sv, ""sv}, std::pair{"Local"sv, ""sv}}};
constexpr Choice affinities{std::array{std::pair{"None"sv, ""sv}, std::pair{"ClientIP"sv, ""sv}}};
constexpr Choice family_policies{std::array{std::pair{"SingleStack"sv, ""sv}, std::pair{"PreferDualStack"sv, ""sv},
                                            std::pair{"RequireDualStack"sv, ""sv}}};

constexpr std::array service_rows{
    verified<std::string_view, v1>("apiVersion", required, served, "v1."),
    verified<std::string_view, kind_service>("kind", required, served, "Service."),
    row<&Service::metadata, object<Metadata>>("metadata", required, served, "Its name, by which pods find it."),
    row<&Service::spec, object<ServiceSpec>>("spec", optional, served, "Which pods it leads to."),
    unused("status", "", no_effect("it is what a cluster observed, not what is wanted")),
};

constexpr std::array spec_rows{
    row<&ServiceSpec::type, types>("type", defaults_to("ClusterIP"), served,
                                   "ExternalName: an alias of another name. The others are alike."),
    row<&ServiceSpec::selector, selector_map>("selector", optional, served, "The labels of its pods."),
    row<&ServiceSpec::ports, objects<ServicePort>>("ports", optional, served,
                                                   "Its ports, which SRV records and messages have."),
    row<&ServiceSpec::cluster_ip, cluster_ip_text>("clusterIP", optional, served,
                                                   "None: it is headless. Else a Service has no address of its own."),
    row<&ServiceSpec::external_name, external_name_text>("externalName", optional, served,
                                                         "With the type ExternalName: the other name."),
    row<&ServiceSpec::publish_not_ready_addresses, boolean>("publishNotReadyAddresses", defaults_to("false"), served,
                                                            "Whether its name leads to pods that are not ready, too."),
    unused("allocateLoadBalancerNodePorts", "boolean", no_balancer),
    verified<std::vector<std::string>, cluster_ips>("clusterIPs", optional, no_address, ""),
    verified<std::vector<std::string>, addresses>("externalIPs", optional, no_address, ""),
    verified<std::string_view, traffic_policies>("externalTrafficPolicy", optional, no_choice, ""),
    verified<std::int64_t, port_or_none>("healthCheckNodePort", optional, no_balancer, ""),
    verified<std::string_view, traffic_policies>("internalTrafficPolicy", optional, no_choice, ""),
    unused("ipFamilies", "[]string", no_effect("the addresses are those of its pods")),
    verified<std::string_view, family_policies>("ipFamilyPolicy", optional,
                                                no_effect("the addresses are those of its pods"), ""),
    unused("loadBalancerClass", "string", no_balancer),
    unused("loadBalancerIP", "string", no_balancer),
    unused("loadBalancerSourceRanges", "[]string", no_balancer),
    verified<std::string_view, affinities>("sessionAffinity", defaults_to("None"), no_address, ""),
    unused("sessionAffinityConfig", "SessionAffinityConfig", no_address),
    unused("trafficDistribution", "string", no_choice),
};

constexpr std::array port_rows{
    row<&ServicePort::name, port_label>("name", optional, served, "Its name; required if there are several."),
    row<&ServicePort::port, port>("port", required, served, "The port that clients of a cluster use."),
    row<&ServicePort::protocol, protocols>("protocol", defaults_to("TCP"), served, "TCP, UDP or SCTP."),
    row<&ServicePort::target_port, target_port>("targetPort", defaults_to("port"), served,
                                                "The port of the pods, by number or name: the one that answers."),
    verified<std::string, protocol_label>("appProtocol", optional, no_effect("it is a hint for programs"), ""),
    verified<std::int64_t, port_or_none>("nodePort", optional, not_opened, ""),
};

constexpr std::array affinity_rows{unused("clientIP", "ClientIPConfig", {})};
constexpr std::array client_ip_rows{verified<std::int64_t, affinity_seconds>("timeoutSeconds", optional, {}, "")};

}  // namespace

constinit const Table Schema<Service>::table{"Service", "a Service", service_rows};
constinit const Table Schema<ServiceSpec>::table{"ServiceSpec", "a Service's spec", spec_rows};
constinit const Table Schema<ServicePort>::table{"ServicePort", "a Service's port", port_rows};
constinit const Table session_affinity_table{"SessionAffinityConfig", "a sessionAffinityConfig", affinity_rows};
constinit const Table client_ip_table{"ClientIPConfig", "a clientIP", client_ip_rows};

}  // namespace podrun::pod
