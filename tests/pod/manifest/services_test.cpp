// Services: which pods know them, what they select, and what is said of ports at which nothing answers.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "pod/schema/field_table.hpp"
#include "tests/pod/manifests.hpp"
#include "tests/pod/readings.hpp"

namespace podrun::pod {
namespace {

std::string pod(std::string_view name, std::string_view label, std::string_view ports = "[]",
                std::string_view home = "default") {
  return fmt::format(
      "apiVersion: v1\nkind: Pod\nmetadata: {{name: {}, namespace: {}, labels: {{app: {}}}}}\n"
      "spec: {{containers: [{{name: c, image: a, ports: {}}}]}}\n",
      name, home, label, ports);
}
std::string service(std::string_view name, std::string_view spec, std::string_view home = "default") {
  return fmt::format("apiVersion: v1\nkind: Service\nmetadata: {{name: {}, namespace: {}}}\nspec: {}\n", name, home,
                     spec);
}

TEST(Services, AServiceIsGivenToEveryPodOfItsNamespace) {
  const auto manifests =
      read({pod("web", "web"), pod("db", "db"), pod("far", "web", "[]", "lab"),
            service("web", "{selector: {app: web}, ports: [{port: 80}]}") + "---\n" +
                service("web", "{selector: {app: web}, ports: [{port: 81}]}", "lab")});
  EXPECT_EQ(said(manifests), Lines{});
  ASSERT_EQ(manifests.pods.size(), 3U);
  for (const ParsedPod& each : manifests.pods) {
    const auto& services = each.pod.objects.services;
    ASSERT_EQ(services.size(), 1U);
    EXPECT_EQ(services.at("web").spec.ports.at(0).port, each.pod.metadata.namespace_name == "lab" ? 81 : 80);
  }
  EXPECT_TRUE(manifests.have_objects);
}

TEST(Services, EveryFieldIsDecoded) {
  const auto manifests =
      read({pod("web", "web") + "---\n" +
            service("web",
                    "\n  selector: {app: web, tier: front}\n  clusterIP: None\n  publishNotReadyAddresses: true\n"
                    "  ports:\n  - {name: http, port: 80, targetPort: web}\n"
                    "  - {name: dns, port: 53, targetPort: 5353, protocol: UDP}\n") +
            "---\n" + service("other", "{type: ExternalName, externalName: example.com.}")});
  EXPECT_EQ(said(manifests), Lines{});
  const auto& services = manifests.pods.at(0).pod.objects.services;
  const Service& web = services.at("web");
  EXPECT_EQ(web.spec.selector, (std::map<std::string, std::string>{{"app", "web"}, {"tier", "front"}}));
  EXPECT_TRUE(is_headless(web));
  EXPECT_TRUE(web.spec.publish_not_ready_addresses);
  ASSERT_EQ(web.spec.ports.size(), 2U);
  EXPECT_EQ(web.spec.ports[0].name, "http");
  EXPECT_EQ(web.spec.ports[0].target_port.name, "web");
  EXPECT_EQ(web.spec.ports[1].target_port.number, 5353);
  EXPECT_EQ(web.spec.ports[1].protocol, Protocol::Udp);
  EXPECT_EQ(services.at("other").spec.type, ServiceType::ExternalName);
  EXPECT_EQ(services.at("other").spec.external_name, "example.com.");
}

TEST(Services, ASelectorSelectsPodsThatHaveAllItsLabels) {
  const auto selected = [](std::map<std::string, std::string> selector, std::map<std::string, std::string> labels) {
    return selects({.metadata = {}, .spec = {.selector = std::move(selector)}},
                   {.labels = std::move(labels), .annotations = {}});
  };
  EXPECT_TRUE(selected({{"app", "web"}}, {{"app", "web"}, {"tier", "front"}}));
  EXPECT_FALSE(selected({{"app", "web"}}, {{"app", "db"}}));
  EXPECT_FALSE(selected({{"app", "web"}, {"tier", "front"}}, {{"app", "web"}}));
  EXPECT_FALSE(selected({}, {{"app", "web"}})) << "its addresses are others' business";
}

TEST(Services, APortThatDiffersFromItsTargetIsAWarningThatSaysWhichAnswers) {
  const std::string warning =
      "2:4:39 warning: at web:80 nothing answers: the Service's name leads to its pods, which answer at 8080 (podrun "
      "has no virtual addresses: clients use web:8080)";
  const auto with = [](std::string_view ports, std::string_view more = "") {
    return loud(read({pod("web", "web", "[{name: http, containerPort: 8080}]"),
                      service("web", fmt::format("{{selector: {{app: web}}, ports: [{{{}}}]{}}}", ports, more))}));
  };
  EXPECT_EQ(with("port: 80, targetPort: 8080").size(), 1U);
  EXPECT_EQ(with("port: 80, targetPort: 8080").at(0).substr(0, 4), "2:4:");
  EXPECT_EQ(with("port: 80, targetPort: 8080").at(0).substr(6), warning.substr(6));
  EXPECT_EQ(with("port: 80, targetPort: http").at(0).substr(6), warning.substr(6)) << "by the name of the pod's port";
  EXPECT_EQ(with("port: 8080, targetPort: 8080"), Lines{});
  EXPECT_EQ(with("port: 8080, targetPort: http"), Lines{});
  EXPECT_EQ(with("port: 80"), Lines{}) << "targetPort is port";
  EXPECT_EQ(with("port: 80, targetPort: other"), Lines{}) << "no pod that is given has it";
  EXPECT_EQ(with("port: 80, targetPort: 8080", ", clusterIP: None"), Lines{}) << "as on Kubernetes";
}

TEST(Services, AServiceThatWouldOpenAPortOfTheHostIsAWarning) {
  for (const std::string_view type : {"NodePort", "LoadBalancer"})
    EXPECT_EQ(loud(read({service("web", fmt::format("{{type: {}, selector: {{app: web}}, ports: [{{port: 80}}]}}",
                                                    type))})),
              Lines{fmt::format("1:4:14 warning: type {} opens no port of the host (hostPort of a container opens one)",
                                type)});
}

TEST(Services, AServiceOfANameThatIsThereIsAMistake) {
  const std::string one = service("web", "{selector: {app: web}, ports: [{port: 80}]}");
  EXPECT_EQ(said(read({one, one})),
            Lines{"2:3:18 error: the Service \"web\" of namespace \"default\" is there already"});
}

TEST(Services, AListMayHoldServices) {
  const auto manifests = read({"apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: a}\n"
                               "  spec: {selector: {a: b}, ports: [{port: 1}]}\n",
                               pod("web", "web")});
  EXPECT_EQ(said(manifests), Lines{});
  EXPECT_TRUE(manifests.pods.at(0).pod.objects.services.contains("a"));
}

TEST(Services, TheTablesHaveTheFieldsOfKubernetes) {
  // Kubernetes 1.35, core/v1 Service.
  const auto fields = [](std::string_view type) {
    std::string names;
    std::vector<std::string_view> rows;
    for (const Row& row : find_table(type)->rows) rows.push_back(row.name);
    std::ranges::sort(rows);
    for (const std::string_view name : rows) names += fmt::format("{}{}", names.empty() ? "" : " ", name);
    return names;
  };
  EXPECT_EQ(fields("Service"), "apiVersion kind metadata spec status");
  EXPECT_EQ(fields("ServiceSpec"),
            "allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName externalTrafficPolicy "
            "healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass loadBalancerIP "
            "loadBalancerSourceRanges ports publishNotReadyAddresses selector sessionAffinity sessionAffinityConfig "
            "trafficDistribution type");
  EXPECT_EQ(fields("ServicePort"), "appProtocol name nodePort port protocol targetPort");
  EXPECT_EQ(fields("SessionAffinityConfig"), "clientIP");
  EXPECT_EQ(fields("ClientIPConfig"), "timeoutSeconds");
}

}  // namespace
}  // namespace podrun::pod
