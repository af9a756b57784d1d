// Kubernetes' rules for Services.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr RulePlace in_service{.before = "apiVersion: v1\nkind: Service\n"};
constexpr RulePlace in_service_spec{.before = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n",
                                    .indent = 2};
constexpr RulePlace in_service_port{
    .before = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports:\n",
    .indent = 2};

constexpr std::string_view name_rule = "objectmeta.go NameIsDNS1035Label";
constexpr std::string_view service_rule = "validation.go ValidateService";
constexpr std::string_view port_rule = "validation.go validateServicePort";
constexpr std::string_view labels_rule = "validation.go ValidateService, ValidateLabels";
constexpr std::string_view type_rule = "json: cannot unmarshal";

constexpr std::array refused_names{
    ApiRule{"no name", "metadata: {}\nspec: {ports: [{port: 80}]}", "1 \"name\" is missing", name_rule},
    ApiRule{"name with .", "metadata: {name: a.b}\nspec: {ports: [{port: 80}]}", "1 DNS label", name_rule},
    ApiRule{"name that begins with a digit", "metadata: {name: 1a}\nspec: {ports: [{port: 80}]}",
            "1 begins with a letter", name_rule},
    ApiRule{"no spec", "metadata: {name: a}", "-1 \"ports\" is missing", service_rule},
    ApiRule{"unknown field", "metadata: {name: a}\nspec: {ports: [{port: 80}], colour: red}",
            "2 unknown field \"colour\" in a Service's spec", "fieldValidation: Strict"},
};

constexpr std::array refused_specs{
    ApiRule{"no ports", "selector: {app: web}", "1 \"ports\" is missing", service_rule},
    ApiRule{"unknown type", "type: clusterip\nports: [{port: 80}]", "1 one of ClusterIP, NodePort", service_rule},
    ApiRule{"alias without a name", "type: ExternalName", "1 needs externalName", service_rule},
    ApiRule{"alias of no name", "type: ExternalName\nexternalName: a_b", "2 externalName", service_rule},
    ApiRule{"alias with an address", "type: ExternalName\nexternalName: a.b\nclusterIP: 10.0.0.1",
            "3 cannot be together with type ExternalName", service_rule},
    ApiRule{"headless with a port of nodes", "type: NodePort\nclusterIP: None\nports: [{port: 80}]",
            "2 cannot be together with type NodePort", service_rule},
    ApiRule{"headless with a balancer", "type: LoadBalancer\nclusterIP: None\nports: [{port: 80}]",
            "2 cannot be together with type LoadBalancer", service_rule},
    ApiRule{"address that is none", "clusterIP: web\nports: [{port: 80}]", "1 None, empty, or an IPv4 or IPv6 address",
            service_rule},
    ApiRule{"label with a blank", "selector: {app: a b}\nports: [{port: 80}]", "1 selector[\"app\"]", labels_rule},
    ApiRule{"key of a label with //", "selector: {a//b: c}\nports: [{port: 80}]", "1 the key", labels_rule},
    ApiRule{"selector as in a Deployment", "selector: {matchLabels: {app: web}}\nports: [{port: 80}]",
            "1 must be a string", type_rule},
    ApiRule{"unknown affinity", "sessionAffinity: Client\nports: [{port: 80}]", "1 one of None, ClientIP",
            service_rule},
    ApiRule{"affinity of nobody", "sessionAffinityConfig: {clientIP: {timeoutSeconds: 1}}\nports: [{port: 80}]",
            "1 belongs only to sessionAffinity: ClientIP", service_rule},
    ApiRule{"affinity of no time",
            "sessionAffinity: ClientIP\nsessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}\nports: [{port: 80}]",
            "2 timeoutSeconds must be from 1 to 86400", service_rule},
    ApiRule{"external address that is none", "externalIPs: [web]\nports: [{port: 80}]", "1 IPv4 or IPv6", service_rule},
    ApiRule{"unknown policy", "internalTrafficPolicy: All\nports: [{port: 80}]", "1 one of Cluster, Local",
            service_rule},
    ApiRule{"unknown family policy", "ipFamilyPolicy: Both\nports: [{port: 80}]", "1 one of SingleStack", service_rule},
};
constexpr std::array accepted_specs{
    ApiRule{"alias", "type: ExternalName\nexternalName: db.example.com", "", service_rule},
    ApiRule{"headless without ports", "clusterIP: None\nselector: {app: web}", "", service_rule},
    ApiRule{"without a selector", "ports: [{port: 80}]", "", service_rule},
    ApiRule{"as a cluster prints it",
            "clusterIP: 10.0.0.1\nclusterIPs: [10.0.0.1]\ninternalTrafficPolicy: Cluster\nipFamilies: [IPv4]\n"
            "ipFamilyPolicy: SingleStack\nsessionAffinity: None\ntype: ClusterIP\nports: [{port: 80}]",
            "", service_rule},
    ApiRule{"port of nodes", "type: NodePort\nports: [{port: 80, nodePort: 30080}]",
            "type NodePort opens no port of the host", service_rule},
    ApiRule{"affinity of clients",
            "sessionAffinity: ClientIP\nsessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}\nports: [{port: 80}]",
            "", service_rule},
};

constexpr std::array refused_ports{
    ApiRule{"port without a number", "- {name: web}", "1 \"port\" is missing", port_rule},
    ApiRule{"port 0", "- {port: 0}", "1 from 1 to 65535", port_rule},
    ApiRule{"port 65536", "- {port: 65536}", "1 from 1 to 65535", port_rule},
    ApiRule{"target 0", "- {port: 80, targetPort: 65536}", "1 targetPort must be from 1 to 65535", port_rule},
    ApiRule{"target in quotes", "- {port: 80, targetPort: \"80\"}", "1 without quotes", port_rule},
    ApiRule{"target of 16 characters", "- {port: 80, targetPort: a234567890123456}", "1 at most 15", port_rule},
    ApiRule{"unknown protocol", "- {port: 80, protocol: HTTP}", "1 one of TCP, UDP, SCTP", port_rule},
    ApiRule{"name in upper case", "- {port: 80, name: Web}", "1 lower-case", port_rule},
    ApiRule{"two ports, one without a name", "- {port: 80, name: a}\n- {port: 81}", "2 needs a name", port_rule},
    ApiRule{"two ports of a name", "- {port: 80, name: a}\n- {port: 81, name: a}", "2 the port name \"a\" is taken",
            service_rule},
    ApiRule{"the same port twice", "- {port: 80, name: a}\n- {port: 80, name: b}", "2 the port \"80/TCP\" is taken",
            service_rule},
    ApiRule{"port of nodes without their type", "- {port: 80, nodePort: 30080}", "1 belongs only to the types NodePort",
            service_rule},
};
constexpr std::array accepted_ports{
    ApiRule{"a port", "- {port: 80}", "", port_rule},
    ApiRule{"two protocols of a port", "- {port: 53, name: a}\n- {port: 53, name: b, protocol: UDP}", "", port_rule},
    ApiRule{"name of 63 characters",
            "- {port: 80, name: a23456789012345678901234567890123456789012345678901234567890123}", "", port_rule},
    ApiRule{"application protocol", "- {port: 80, appProtocol: kubernetes.io/h2c}", "", port_rule},
};

TEST(ServiceRules, NamesAreThoseOfKubernetes) { expect_refused(refused_names, in_service); }

TEST(ServiceRules, SpecsAreThoseOfKubernetes) {
  expect_refused(refused_specs, in_service_spec);
  expect_accepted(accepted_specs, in_service_spec);
}

TEST(ServiceRules, PortsAreThoseOfKubernetes) {
  expect_refused(refused_ports, in_service_port);
  expect_accepted(accepted_ports, in_service_port);
}

}  // namespace
}  // namespace podrun::pod
