// Kubernetes' rules for the metadata and the spec of a pod.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view containers = "  containers: [{name: app, image: localhost/app}]\n";
/// Fragments of a pod's metadata that has a name.
const RulePlace in_metadata{
    .before = "apiVersion: v1\nkind: Pod\nspec:\n  containers: [{name: app, image: localhost/app}]\nmetadata:\n",
    .indent = 2};
/// Fragments of a spec that has a container.
constexpr RulePlace in_pod{
    .before = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n", .after = containers, .indent = 2};

constexpr std::string_view meta = "objectmeta.go ValidateObjectMeta, NameIsDNSSubdomain";
constexpr std::string_view labels_rule = "meta/v1 validation.go ValidateLabels";
constexpr std::string_view annotations_rule = "objectmeta.go ValidateAnnotations";
constexpr std::string_view namespace_rule = "objectmeta.go ValidateNamespaceName";
constexpr std::string_view spec_rule = "validation.go ValidatePodSpec";
constexpr std::string_view dns_rule = "validation.go validatePodDNSConfig";
constexpr std::string_view aliases_rule = "validation.go ValidateHostAliases, IsValidIP";
constexpr std::string_view override_rule = "types.go PodSpec.HostnameOverride";

TEST(PodRules, MetadataThatTheApiServerRefusesIsRefused) {
  const std::string a63(63, 'a'), a64(64, 'a');
  const std::string name254 = "name: " + a63 + "." + a63 + "." + a63 + "." + std::string(62, 'a');
  const std::string long_key = "name: web\nlabels: {" + a64 + ": b}",
                    long_value = "name: web\nlabels: {a: " + a64 + "}";
  const std::string long_space = "name: web\nnamespace: " + a64;
  const std::string heavy = "name: web\nannotations:\n  a: " + std::string(256 << 10, 'x');
  const std::array rules{
      ApiRule{"no name", "labels: {a: b}", "1 \"name\" is missing", meta},
      ApiRule{"only generateName", "generateName: web-", "1 podrun generates no names: write name: web-1",
              "podrun's own rule: a pod's name says whether it already runs"},
      ApiRule{"empty name", "name: \"\"", "1 name must not be empty", meta},
      ApiRule{"upper case name", "name: Web", "1 lower-case", meta},
      ApiRule{"name with _", "name: a_b", "1 lower-case", meta},
      ApiRule{"name with -", "name: -a", "1 letter or digit at both ends", meta},
      ApiRule{"name ends with -", "name: a-", "1 letter or digit at both ends", meta},
      ApiRule{"name with an empty part", "name: a..b", "1 letter or digit at both ends", meta},
      ApiRule{"name ends with .", "name: a.", "1 letter or digit at both ends", meta},
      ApiRule{"name with /", "name: a/b", "1 lower-case", meta},
      ApiRule{"long name", name254, "1 at most 253", meta},
      ApiRule{"name is a number", "name: 12", "1 must be a string", "json: cannot unmarshal number into string"},
      ApiRule{"upper case namespace", "name: web\nnamespace: Prod", "2 lower-case", namespace_rule},
      ApiRule{"namespace with .", "name: web\nnamespace: a.b", "2 lower-case", namespace_rule},
      ApiRule{"long namespace", long_space, "2 at most 63", namespace_rule},
      ApiRule{"uid with /", "name: web\nuid: ../x", "2 letters, digits and \"-\"",
              "podrun's own rule: it is the name of a directory"},
      ApiRule{"label key with a blank", "name: web\nlabels: {\"a b\": c}", "2 the key \"a b\"", labels_rule},
      ApiRule{"label key with two /", "name: web\nlabels: {a/b/c: d}", "2 the key", labels_rule},
      ApiRule{"label key without a name", "name: web\nlabels: {a/: d}", "2 the key", labels_rule},
      ApiRule{"label key with an upper case prefix", "name: web\nlabels: {Example.com/a: d}", "2 the key", labels_rule},
      ApiRule{"long label key", long_key, "2 at most 63", labels_rule},
      ApiRule{"label value with a blank", "name: web\nlabels: {a: \"b c\"}", "2 labels[\"a\"] \"b c\"", labels_rule},
      ApiRule{"label value with /", "name: web\nlabels: {a: b/c}", "2 labels[\"a\"]", labels_rule},
      ApiRule{"label value begins with -", "name: web\nlabels: {a: -b}", "2 at both ends", labels_rule},
      ApiRule{"long label value", long_value, "2 at most 63", labels_rule},
      ApiRule{"label value is a number", "name: web\nlabels: {a: 1}", "2 must be a string",
              "json: cannot unmarshal number into string"},
      ApiRule{"annotation key with a blank", "name: web\nannotations: {\"a b\": c}", "2 the key", annotations_rule},
      ApiRule{"annotation key with two /", "name: web\nannotations: {a/b/c: d}", "2 the key", annotations_rule},
      ApiRule{"annotation value is a boolean", "name: web\nannotations: {a: true}", "2 must be a string",
              "json: cannot unmarshal bool into string"},
      ApiRule{"heavy annotations", heavy, "3 may have 262144 bytes together", annotations_rule},
      ApiRule{"unknown annotation of podrun", "name: web\nannotations: {podrun.io/x: a}", "2 no annotation",
              "podrun's own rule: a misspelt one would do nothing"},
  };
  expect_refused(rules, in_metadata);
}

TEST(PodRules, MetadataThatTheApiServerAcceptsIsAccepted) {
  const std::string a63(63, 'a');
  const std::string name253 = "name: " + a63 + "." + a63 + "." + a63 + "." + std::string(61, 'a') + "\nuid: a";
  const std::string full = "name: web\nannotations:\n  a: " + std::string((256 << 10) - 1, 'x');
  const std::array rules{
      ApiRule{"a digit", "name: \"0\"", "", meta},
      ApiRule{"a subdomain", "name: web.site-1", "", meta},
      ApiRule{"generateName beside a name", "name: web\ngenerateName: web-", "", meta},
      ApiRule{"namespace", "name: web\nnamespace: prod-1", "", namespace_rule},
      ApiRule{"empty label value", "name: web\nlabels: {a: \"\"}", "", labels_rule},
      ApiRule{"label key with a prefix", "name: web\nlabels: {example.com/A_b.c: D_e.f}", "", labels_rule},
      ApiRule{"annotation key with an upper case prefix", "name: web\nannotations: {Example.com/A: b}", "",
              annotations_rule},
      ApiRule{"annotation with any text", "name: web\nannotations: {a: \"{\\\"b\\\": [1]}\\n\"}", "", annotations_rule},
      ApiRule{"annotations up to the limit", full, "", annotations_rule},
      ApiRule{"what the server writes",
              "name: web\nuid: 0b5c1e6e-6f0c-4c1e-9d8f-000000000000\nresourceVersion: \"1\"\ngeneration: 1\n"
              "creationTimestamp: \"2026-01-01T00:00:00Z\"",
              "", meta},
  };
  expect_accepted(rules, in_metadata);
}

constexpr std::array refused_fields{
    ApiRule{"unknown restartPolicy", "restartPolicy: Sometimes", "1 one of Always, OnFailure, Never",
            "validation.go validateRestartPolicy"},
    ApiRule{"negative grace period", "terminationGracePeriodSeconds: -1", "1 must be from 0",
            "podrun's own rule: the field's description says non-negative; Kubernetes makes 1 of it"},
    ApiRule{"grace period is text", "terminationGracePeriodSeconds: \"5\"", "1 must be a whole number",
            "json: cannot unmarshal string into int64"},
    ApiRule{"long grace period", "terminationGracePeriodSeconds: 2147483648", "1 to 2147483647",
            "podrun's own rule: 68 years are the most"},
    ApiRule{"hostname with .", "hostname: a.b", "1 lower-case", spec_rule},
    ApiRule{"upper case hostname", "hostname: Web", "1 lower-case", spec_rule},
    ApiRule{"hostname with _", "hostname: a_b", "1 lower-case", spec_rule},
    ApiRule{"long hostname", "hostname: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "1 at most 63", spec_rule},
    ApiRule{"subdomain with .", "subdomain: a.b", "1 lower-case", spec_rule},
    ApiRule{"subdomain with -", "subdomain: a-", "1 at both ends", spec_rule},
    ApiRule{"full name too long",
            "hostname: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nsubdomain: db\nsetHostnameAsFQDN: true",
            "3 has 69 characters; the most are 64", "kubelet_pods.go truncatePodHostnameIfNeeded"},
    ApiRule{"long override", "hostnameOverride: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "1 at most 64", override_rule},
    ApiRule{"override with _", "hostnameOverride: a_b", "1 lower-case", override_rule},
    ApiRule{"override with hostNetwork", "hostnameOverride: a.b\nhostNetwork: true", "1 hostNetwork: true",
            override_rule},
    ApiRule{"override with setHostnameAsFQDN", "hostnameOverride: a.b\nsetHostnameAsFQDN: true",
            "1 setHostnameAsFQDN: true", override_rule},
    ApiRule{"hostPID with shareProcessNamespace", "hostPID: true\nshareProcessNamespace: true", "2 exclude each other",
            "validation.go validatePodSpecSecurityContext"},
    ApiRule{"hostUsers false", "hostUsers: false", "1 hostUsers must be true",
            "podrun's own rule: it has no user namespaces yet"},
    ApiRule{"hostNetwork is text", "hostNetwork: \"true\"", "1 true or false",
            "json: cannot unmarshal string into bool"},
    ApiRule{"node name with _", "nodeName: a_b", "1 lower-case", "validation.go ValidateNodeName"},
    ApiRule{"service account with upper case", "serviceAccountName: Admin", "1 lower-case",
            "validation.go ValidateServiceAccountName"},
    ApiRule{"other os", "os: {name: windows}", "1 name must be linux", "podrun's own rule: this is Linux"},
    ApiRule{"os without a name", "os: {}", "1 \"name\" is missing", "validation.go validateOS"},
    ApiRule{"ephemeral containers", "ephemeralContainers: [{name: a}]", "1 they are for running pods",
            "validation.go ValidatePodCreate"},
};

constexpr std::array refused_specs{
    ApiRule{"no containers", "restartPolicy: Never", "1 \"containers\" is missing", "validation.go validateContainers"},
    ApiRule{"an empty list of containers", "containers: []", "1 containers must not be empty",
            "validation.go validateContainers"},
};

constexpr std::array refused_names{
    ApiRule{"unknown dnsPolicy", "dnsPolicy: Cluster", "1 one of ClusterFirst", "validation.go validateDNSPolicy"},
    ApiRule{"None without dnsConfig", "dnsPolicy: None", "1 needs dnsConfig.nameservers", dns_rule},
    ApiRule{"None without servers", "dnsPolicy: None\ndnsConfig: {searches: [a]}", "2 needs dnsConfig.nameservers",
            dns_rule},
    ApiRule{"None with an empty list", "dnsPolicy: None\ndnsConfig: {nameservers: []}", "2 at least one", dns_rule},
    ApiRule{"None with null", "dnsPolicy: None\ndnsConfig:", "2 at least one", dns_rule},
    ApiRule{"None with text", "dnsPolicy: None\ndnsConfig: {nameservers: 1.1.1.1}", "2 nameservers must be a list",
            "json: cannot unmarshal string into []string"},
    ApiRule{"four servers", "dnsConfig: {nameservers: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4]}", "1 the most are 3",
            dns_rule},
    ApiRule{"server is a name", "dnsConfig: {nameservers: [dns.example.com]}", "1 IPv4 or IPv6 address", dns_rule},
    ApiRule{"server with a port", "dnsConfig: {nameservers: [\"1.1.1.1:53\"]}", "1 IPv4 or IPv6 address", dns_rule},
    ApiRule{"server with a zone", "dnsConfig: {nameservers: [\"fe80::1%eth0\"]}", "1 IPv4 or IPv6 address", dns_rule},
    ApiRule{"search domain with a blank", "dnsConfig: {searches: [\"a b\"]}", "1 must be a domain", dns_rule},
    ApiRule{"search domain with a line end", "dnsConfig: {searches: [\"a\\nnameserver 6.6.6.6\"]}",
            "1 must be a domain", dns_rule},
    ApiRule{"upper case search domain", "dnsConfig: {searches: [Example.com]}", "1 must be a domain", dns_rule},
    ApiRule{"search domain with an empty label", "dnsConfig: {searches: [a..b]}", "1 must be a domain", dns_rule},
    ApiRule{"search domain ends with _", "dnsConfig: {searches: [a_]}", "1 must be a domain", dns_rule},
    ApiRule{"search domain begins with two _", "dnsConfig: {searches: [__a]}", "1 must be a domain", dns_rule},
    ApiRule{"empty search domain", "dnsConfig: {searches: [\"\"]}", "1 must be a domain", dns_rule},
    ApiRule{"option without a name", "dnsConfig: {options: [{value: \"2\"}]}", "1 \"name\" is missing", dns_rule},
    ApiRule{"option with an empty name", "dnsConfig: {options: [{name: \"\"}]}", "1 name must not be empty", dns_rule},
    ApiRule{"option with a line end", "dnsConfig: {options: [{name: \"a\\nnameserver 6.6.6.6\"}]}", "1 white space",
            "podrun's own rule: it would be another line of /etc/resolv.conf"},
    ApiRule{"option value is a number", "dnsConfig: {options: [{name: ndots, value: 2}]}", "1 must be a string",
            "json: cannot unmarshal number into string"},
    ApiRule{"alias without an address", "hostAliases: [{hostnames: [a]}]", "1 \"ip\" is missing", aliases_rule},
    ApiRule{"alias with a name as address", "hostAliases: [{ip: localhost, hostnames: [a]}]", "1 IPv4 or IPv6",
            aliases_rule},
    ApiRule{"address above 255", "hostAliases: [{ip: 10.0.0.256}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"address of three parts", "hostAliases: [{ip: 10.0.1}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"address of five parts", "hostAliases: [{ip: 10.0.0.0.1}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"address with a prefix", "hostAliases: [{ip: 10.0.0.0/8}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"address with two ::", "hostAliases: [{ip: \"1::2::3\"}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"address of nine groups", "hostAliases: [{ip: \"1:2:3:4:5:6:7:8:9\"}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"address of seven groups", "hostAliases: [{ip: \"1:2:3:4:5:6:7\"}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"group of five digits", "hostAliases: [{ip: \"::12345\"}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"three colons", "hostAliases: [{ip: \":::1\"}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"IPv4 in the middle", "hostAliases: [{ip: \"::1.2.3.4:5\"}]", "1 IPv4 or IPv6", aliases_rule},
    ApiRule{"upper case alias", "hostAliases: [{ip: 10.0.0.1, hostnames: [Web]}]", "1 lower-case", aliases_rule},
    ApiRule{"alias with _", "hostAliases: [{ip: 10.0.0.1, hostnames: [a_b]}]", "1 lower-case", aliases_rule},
    ApiRule{"alias with *", "hostAliases: [{ip: 10.0.0.1, hostnames: [\"*.a\"]}]", "1 lower-case", aliases_rule},
    ApiRule{"empty alias", "hostAliases: [{ip: 10.0.0.1, hostnames: [\"\"]}]", "1 lower-case", aliases_rule},
};

TEST(PodRules, FieldsThatTheApiServerRefusesAreRefused) {
  expect_refused(refused_fields, in_pod);
  expect_refused(refused_names, in_pod);
  expect_refused(refused_specs, in_spec);
}

TEST(PodRules, SearchDomainsHaveAMostNumberAndLength) {
  std::string many = "dnsConfig:\n  searches:\n", heavy = many;
  for (int i = 0; i < 33; ++i) many += fmt::format("  - a{}\n", i);
  for (int i = 0; i < 32; ++i) heavy += fmt::format("  - {}\n", std::string(63, 'a') + (i == 0 ? ".aa" : ""));
  const std::array rules{
      ApiRule{"33 search domains", many, "3 the most are 32", dns_rule},
      ApiRule{"2049 characters", heavy,
              "3 may have 2048 characters together, with a space between two; these have 2050", dns_rule},
  };
  expect_refused(rules, in_pod);
}

constexpr std::array accepted_fields{
    ApiRule{"no grace period", "terminationGracePeriodSeconds: 0", "", spec_rule},
    ApiRule{"empty restartPolicy", "restartPolicy: \"\"", "", "defaults.go SetDefaults_PodSpec"},
    ApiRule{"empty dnsPolicy", "dnsPolicy: \"\"", "", "defaults.go SetDefaults_PodSpec"},
    ApiRule{"empty hostname", "hostname: \"\"", "", spec_rule},
    ApiRule{"host name of digits", "hostname: \"1\"\nsubdomain: 2a", "", spec_rule},
    ApiRule{"full name", "subdomain: db\nsetHostnameAsFQDN: true", "", spec_rule},
    ApiRule{"override with other names", "hostnameOverride: web.example.com\nhostname: a\nsubdomain: b", "",
            override_rule},
    ApiRule{"hostPID without shareProcessNamespace", "hostPID: true\nshareProcessNamespace: false", "",
            "validation.go validatePodSpecSecurityContext"},
    ApiRule{"hostUsers", "hostUsers: true", "", "validation.go validateHostUsers"},
    ApiRule{"node and account", "nodeName: node.example.com\nserviceAccountName: build.bot", "", spec_rule},
    ApiRule{"linux", "os: {name: linux}", "", "validation.go validateOS"},
    ApiRule{"None with a server", "dnsPolicy: None\ndnsConfig: {nameservers: [1.1.1.1]}", "", dns_rule},
    ApiRule{"three servers", "dnsConfig: {nameservers: [1.1.1.1, \"2001:db8::1\", \"::ffff:1.2.3.4\"]}", "", dns_rule},
    ApiRule{"relaxed search domains", "dnsConfig: {searches: [\".\", a.b., _tcp.a_b.c, \"1\"]}", "", dns_rule},
    ApiRule{"options", "dnsConfig: {options: [{name: ndots, value: \"2\"}, {name: edns0}, {name: a, value: \"\"}]}", "",
            dns_rule},
    ApiRule{"empty dnsConfig", "dnsConfig: {}", "", dns_rule},
    ApiRule{"alias without a name", "hostAliases: [{ip: 10.0.0.1}]", "", aliases_rule},
    ApiRule{"aliases of one address",
            "hostAliases: [{ip: \"::1\", hostnames: [a, a.b]}, {ip: \"::1\", hostnames: [a]}]", "", aliases_rule},
    ApiRule{"whole IPv6 address", "hostAliases: [{ip: \"2001:0DB8:0:0:8:800:200C:417A\"}]", "", aliases_rule},
    ApiRule{"unspecified address", "hostAliases: [{ip: \"::\"}, {ip: \"1::\"}, {ip: 0.0.0.0}]", "", aliases_rule},
    ApiRule{"address with leading zeros", "hostAliases: [{ip: 010.000.0.001}]", "", aliases_rule},
    ApiRule{"what one node does not need",
            "tolerations: [{operator: Exists}]\nnodeSelector: {a: b}\npriorityClassName: high", "", spec_rule},
};

TEST(PodRules, FieldsThatTheApiServerAcceptsAreAccepted) {
  expect_accepted(accepted_fields, in_pod);
}

}  // namespace
}  // namespace podrun::pod
