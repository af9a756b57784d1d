// Kubernetes' rules for the probes of a container.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view probe_rule = "validation.go validateProbe, ValidateNonnegativeField";
constexpr std::string_view handler_rule = "validation.go validateHandler";
constexpr std::string_view success_rule = "validation.go validateLivenessProbe, validateStartupProbe";
constexpr std::string_view readiness_rule = "validation.go validateReadinessProbe";
constexpr std::string_view defaults_rule = "defaults.go SetDefaults_Probe";
constexpr std::string_view exec_rule = "validation.go validateExecAction";
constexpr std::string_view http_rule = "validation.go validateHTTPGetAction";
constexpr std::string_view http_defaults_rule = "defaults.go SetDefaults_HTTPGetAction";
constexpr std::string_view port_rule = "validation.go ValidatePortNumOrName";
constexpr std::string_view grpc_rule = "validation.go validateGRPCAction";
constexpr std::string_view type_rule = "types.go Probe: the JSON decoder's strict types";
constexpr std::string_view host_rule = "podrun's own rule: the prober resolves no names";
constexpr std::string_view named_port_rule =
    "podrun's own rule: kubelet's ResolveContainerPort would fail at each attempt";

constexpr std::array refused_numbers{
    ApiRule{"negative delay", "livenessProbe: {exec: {command: [a]}, initialDelaySeconds: -1}",
            "1 initialDelaySeconds must be from 0", probe_rule},
    ApiRule{"negative timeout", "livenessProbe: {exec: {command: [a]}, timeoutSeconds: -1}",
            "1 timeoutSeconds must be from 0", probe_rule},
    ApiRule{"negative period", "readinessProbe: {exec: {command: [a]}, periodSeconds: -1}",
            "1 periodSeconds must be from 0", probe_rule},
    ApiRule{"negative successes", "readinessProbe: {exec: {command: [a]}, successThreshold: -1}",
            "1 successThreshold must be from 0", probe_rule},
    ApiRule{"negative failures", "startupProbe: {exec: {command: [a]}, failureThreshold: -1}",
            "1 failureThreshold must be from 0", probe_rule},
    ApiRule{"too large a period", "livenessProbe: {exec: {command: [a]}, periodSeconds: 2147483648}",
            "1 periodSeconds must be from 0 to 2147483647", type_rule},
    ApiRule{"period as a duration", "livenessProbe: {exec: {command: [a]}, periodSeconds: 10s}",
            "1 periodSeconds \"10s\"", type_rule},
    ApiRule{"period in quotes", "livenessProbe: {exec: {command: [a]}, periodSeconds: \"10\"}",
            "1 write 10 without quotes", type_rule},
    ApiRule{"fraction of a second", "livenessProbe: {exec: {command: [a]}, timeoutSeconds: 0.5}",
            "1 timeoutSeconds \"0.5\"", type_rule},
    ApiRule{"grace of 0", "livenessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 0}",
            "1 terminationGracePeriodSeconds must be from 1", probe_rule},
    ApiRule{"negative grace", "startupProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: -1}",
            "1 terminationGracePeriodSeconds must be from 1", probe_rule},
    ApiRule{"grace of a readinessProbe", "readinessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 1}",
            "1 terminationGracePeriodSeconds cannot be set for a readinessProbe", readiness_rule},
    ApiRule{"two successes of a livenessProbe", "livenessProbe: {exec: {command: [a]}, successThreshold: 2}",
            "1 successThreshold must be 1 for a livenessProbe", success_rule},
    ApiRule{"two successes of a startupProbe", "startupProbe:\n  exec: {command: [a]}\n  successThreshold: 2",
            "3 successThreshold must be 1 for a startupProbe", success_rule},
    ApiRule{"unknown field", "livenessProbe: {exec: {command: [a]}, intervalSeconds: 2}",
            "1 unknown field \"intervalSeconds\" in a probe", "fieldValidation: Strict"},
    ApiRule{"probe that is a list", "livenessProbe: [{exec: {command: [a]}}]", "1 livenessProbe must be a mapping",
            type_rule},
};
constexpr std::array accepted_numbers{
    ApiRule{"all numbers",
            "readinessProbe: {exec: {command: [a]}, initialDelaySeconds: 1, timeoutSeconds: 2, periodSeconds: 3, "
            "successThreshold: 4, failureThreshold: 5}",
            "", probe_rule},
    ApiRule{"zeros are defaults",
            "livenessProbe: {exec: {command: [a]}, initialDelaySeconds: 0, timeoutSeconds: 0, periodSeconds: 0, "
            "successThreshold: 0, failureThreshold: 0}",
            "", defaults_rule},
    ApiRule{"nulls are defaults",
            "livenessProbe: {exec: {command: [a]}, initialDelaySeconds: null, timeoutSeconds: null, periodSeconds: "
            "null, successThreshold: null, failureThreshold: null, terminationGracePeriodSeconds: null}",
            "", defaults_rule},
    ApiRule{"one success", "livenessProbe: {exec: {command: [a]}, successThreshold: 1}", "", success_rule},
    ApiRule{"grace of a livenessProbe", "livenessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 1}", "",
            probe_rule},
    ApiRule{"grace of a startupProbe", "startupProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 60}", "",
            probe_rule},
    ApiRule{"no probes", "livenessProbe: null\nreadinessProbe:\nstartupProbe: ~", "", type_rule},
    ApiRule{"all three probes",
            "livenessProbe: {exec: {command: [a]}}\nreadinessProbe: {exec: {command: [a]}}\n"
            "startupProbe: {exec: {command: [a]}}",
            "", handler_rule},
};

constexpr std::array refused_actions{
    ApiRule{"no action", "livenessProbe: {}", "1 a probe needs one of exec, grpc, httpGet, tcpSocket", handler_rule},
    ApiRule{"numbers without an action", "livenessProbe: {periodSeconds: 1}", "1 a probe needs one of", handler_rule},
    ApiRule{"two actions", "livenessProbe:\n  exec: {command: [a]}\n  tcpSocket: {port: 80}",
            "3 a probe has one of exec, grpc, httpGet, tcpSocket, not two", handler_rule},
    ApiRule{"action that is null", "livenessProbe: {exec: null}", "1 exec must not be empty", handler_rule},
    ApiRule{"sleep in a probe", "livenessProbe:\n  exec: {command: [a]}\n  sleep: {seconds: 1}",
            "3 unknown field \"sleep\" in a probe", "types.go ProbeHandler has none"},
    ApiRule{"exec without a command", "livenessProbe: {exec: {}}", "1 the field \"command\" is missing", exec_rule},
    ApiRule{"exec with an empty command", "livenessProbe: {exec: {command: []}}", "1 command must not be empty",
            exec_rule},
    ApiRule{"exec with a text", "livenessProbe: {exec: {command: cat /tmp/ok}}", "1 command must be a list",
            type_rule},
    ApiRule{"number in a command", "livenessProbe: {exec: {command: [sleep, 1]}}", "1 command[1] must be a string",
            type_rule},
    ApiRule{"httpGet without a port", "livenessProbe: {httpGet: {path: /}}", "1 the field \"port\" is missing",
            port_rule},
    ApiRule{"httpGet of nothing", "livenessProbe: {httpGet: {}}", "1 the field \"port\" is missing", port_rule},
    ApiRule{"port 0", "livenessProbe: {httpGet: {port: 0}}", "1 port must be from 1 to 65535", port_rule},
    ApiRule{"port 65536", "livenessProbe: {tcpSocket: {port: 65536}}", "1 port must be from 1 to 65535", port_rule},
    ApiRule{"negative port", "livenessProbe: {tcpSocket: {port: -1}}", "1 port must be from 1 to 65535", port_rule},
    ApiRule{"number in quotes as port", "livenessProbe: {tcpSocket: {port: \"80\"}}", "1 without quotes",
            "validation.go IsValidPortName: at least one letter"},
    ApiRule{"upper-case port name", "livenessProbe: {tcpSocket: {port: HTTP}}", "1 lower-case letters", port_rule},
    ApiRule{"long port name", "livenessProbe: {tcpSocket: {port: abcdefghijklmnop}}", "1 at most 15", port_rule},
    ApiRule{"port name with --", "livenessProbe: {tcpSocket: {port: a--b}}", "1 single \"-\"", port_rule},
    ApiRule{"fraction as port", "livenessProbe: {tcpSocket: {port: 80.5}}", "1 port", type_rule},
    ApiRule{"list as port", "livenessProbe: {tcpSocket: {port: [80]}}", "1 the number or name of a port", type_rule},
    ApiRule{"empty port", "livenessProbe: {tcpSocket: {port: null}}", "1 port must not be empty", port_rule},
    ApiRule{"unknown port name", "livenessProbe:\n  tcpSocket: {port: web}", "2 the container has no port \"web\"",
            named_port_rule},
    ApiRule{"name of no port among others",
            "ports: [{name: http, containerPort: 80}, {name: db, containerPort: 81}]\nlivenessProbe: {tcpSocket: "
            "{port: metrics}}",
            "2 the container has http, db", named_port_rule},
    ApiRule{"misspelt port name", "ports: [{name: http, containerPort: 80}]\nlivenessProbe: {httpGet: {port: htp}}",
            "2 did you mean \"http\"?", named_port_rule},
    ApiRule{"unknown scheme", "livenessProbe: {httpGet: {port: 80, scheme: FTP}}", "1 one of HTTP, HTTPS", http_rule},
    ApiRule{"scheme in lower case", "livenessProbe: {httpGet: {port: 80, scheme: https}}",
            "1 did you mean \"HTTPS\"?", http_rule},
    ApiRule{"header without a name", "livenessProbe: {httpGet: {port: 80, httpHeaders: [{value: a}]}}",
            "1 the field \"name\" is missing", http_rule},
    ApiRule{"header without a value", "livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: a}]}}",
            "1 the field \"value\" is missing", "OpenAPI: value is required"},
    ApiRule{"header with a colon", "livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: \"a:\", value: b}]}}",
            "1 letters, digits", http_rule},
    ApiRule{"header with _", "livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: a_b, value: b}]}}",
            "1 letters, digits", http_rule},
    ApiRule{"header with a blank", "livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: a b, value: b}]}}",
            "1 letters, digits", http_rule},
    ApiRule{"header value of two lines",
            "livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: a, value: \"b\\r\\nc: d\"}]}}",
            "1 control characters", "podrun's own rule: Go's client refuses the request"},
    ApiRule{"name as host", "livenessProbe: {httpGet: {port: 80, host: example.org}}",
            "1 must be an IP address or localhost", host_rule},
    ApiRule{"URL as host", "readinessProbe: {httpGet: {port: 80, host: \"http://127.0.0.1\"}}", "1 IP address",
            host_rule},
    ApiRule{"host with a port", "livenessProbe: {tcpSocket: {port: 80, host: \"127.0.0.1:80\"}}", "1 IP address",
            host_rule},
    ApiRule{"grpc without a port", "livenessProbe: {grpc: {service: a}}", "1 the field \"port\" is missing",
            grpc_rule},
    ApiRule{"grpc with a name as port", "livenessProbe: {grpc: {port: grpc}}", "1 port \"grpc\"", grpc_rule},
    ApiRule{"grpc with port 0", "livenessProbe: {grpc: {port: 0}}", "1 port must be from 1 to 65535", grpc_rule},
    ApiRule{"number as service", "livenessProbe: {grpc: {port: 1, service: 2}}", "1 service must be a string",
            type_rule},
};
constexpr std::array accepted_actions{
    ApiRule{"exec", "livenessProbe: {exec: {command: [sh, -c, \"\"]}}", "", exec_rule},
    ApiRule{"httpGet by number", "livenessProbe: {httpGet: {port: 8080}}", "", http_defaults_rule},
    ApiRule{"httpGet by name", "ports: [{name: web, containerPort: 80}]\nlivenessProbe: {httpGet: {port: web}}", "",
            port_rule},
    ApiRule{"tcpSocket by name", "livenessProbe: {tcpSocket: {port: db}}\nports: [{name: db, containerPort: 80}]", "",
            port_rule},
    ApiRule{"port that is not declared", "ports: [{containerPort: 80}]\nlivenessProbe: {tcpSocket: {port: 81}}", "",
            port_rule},
    ApiRule{"everything of httpGet",
            "livenessProbe: {httpGet: {host: 127.0.0.1, port: 443, path: '/a?b=c', scheme: HTTPS, httpHeaders: [{name: "
            "Host, value: a.example}, {name: X-Empty, value: \"\"}]}}",
            "", http_rule},
    ApiRule{"path with a query in block style", "livenessProbe:\n  httpGet:\n    port: 80\n    path: /a?b=c&d#e", "",
            http_rule},
    ApiRule{"empty path and scheme", "livenessProbe: {httpGet: {port: 80, path: \"\", scheme: \"\", host: \"\"}}", "",
            http_defaults_rule},
    ApiRule{"path of two lines", "livenessProbe: {httpGet: {port: 80, path: \"/a b\\nc\"}}", "",
            "kubelet's formatURL encodes it"},
    ApiRule{"path without /", "livenessProbe: {httpGet: {port: 80, path: health}}", "",
            "validation.go validateHTTPGetAction asks only that there is one"},
    ApiRule{"localhost", "livenessProbe: {tcpSocket: {port: 80, host: localhost}}", "", host_rule},
    ApiRule{"IPv6 host", "livenessProbe: {tcpSocket: {port: 80, host: \"::1\"}}", "", host_rule},
    ApiRule{"grpc", "livenessProbe: {grpc: {port: 9000}}", "", grpc_rule},
    ApiRule{"grpc with a service", "livenessProbe: {grpc: {port: 9000, service: my.Service}}", "", grpc_rule},
    ApiRule{"grpc with an empty service", "livenessProbe: {grpc: {port: 9000, service: \"\"}}", "", grpc_rule},
    ApiRule{"the other action is null", "livenessProbe: {exec: null, tcpSocket: {port: 80}}", "", handler_rule},
};

constexpr std::string_view init_rule = "validation.go validateInitContainers";
constexpr std::array refused_roles{
    ApiRule{"livenessProbe of an init container",
            "containers: [{name: a, image: b}]\ninitContainers:\n- {name: i, image: b, livenessProbe: {exec: {command: "
            "[a]}}}",
            "3 livenessProbe cannot be set for an init container", init_rule},
    ApiRule{"readinessProbe of an init container",
            "containers: [{name: a, image: b}]\ninitContainers:\n- {name: i, image: b, readinessProbe: {exec: "
            "{command: [a]}}}",
            "3 readinessProbe cannot be set for an init container", init_rule},
    ApiRule{"startupProbe of an init container",
            "containers: [{name: a, image: b}]\ninitContainers:\n- {name: i, image: b, startupProbe: {exec: "
            "{command: [a]}}}",
            "3 startupProbe cannot be set for an init container", init_rule},
    ApiRule{"lifecycle of an init container",
            "containers: [{name: a, image: b}]\ninitContainers:\n- {name: i, image: b, lifecycle: {preStop: {sleep: "
            "{seconds: 1}}}}",
            "3 lifecycle cannot be set for an init container", init_rule},
    ApiRule{"empty lifecycle of an init container",
            "containers: [{name: a, image: b}]\ninitContainers:\n- {name: i, image: b, lifecycle: {}}",
            "3 restartPolicy: Always makes it a sidecar", init_rule},
    ApiRule{"probe of an init container with a policy of its own",
            "containers: [{name: a, image: b}]\ninitContainers:\n- name: i\n  image: b\n  restartPolicy: OnFailure\n"
            "  livenessProbe: {exec: {command: [a]}}",
            "6 livenessProbe cannot be set for an init container", init_rule},
    ApiRule{"port of another container",
            "containers: [{name: a, image: b, ports: [{name: web, containerPort: 80}]}]\ninitContainers:\n"
            "- name: i\n  image: b\n  restartPolicy: Always\n  livenessProbe: {tcpSocket: {port: web}}",
            "6 the container has no port \"web\"", named_port_rule},
    ApiRule{"two successes of a sidecar's livenessProbe",
            "containers: [{name: a, image: b}]\ninitContainers:\n- name: i\n  image: b\n  restartPolicy: Always\n"
            "  livenessProbe: {tcpSocket: {port: 80}, successThreshold: 3}",
            "6 successThreshold must be 1", init_rule},
};
constexpr std::array accepted_roles{
    ApiRule{"sidecar with probes and hooks",
            "containers: [{name: a, image: b}]\ninitContainers:\n- name: i\n  image: b\n  restartPolicy: Always\n"
            "  ports: [{name: web, containerPort: 80}]\n"
            "  livenessProbe: {tcpSocket: {port: web}}\n  readinessProbe: {tcpSocket: {port: web}}\n"
            "  startupProbe: {tcpSocket: {port: web}}\n  lifecycle: {preStop: {exec: {command: [a]}}}",
            "", init_rule},
    ApiRule{"init container with nulls",
            "containers: [{name: a, image: b}]\ninitContainers:\n"
            "- {name: i, image: b, lifecycle: null, livenessProbe: null, readinessProbe: , startupProbe: ~}",
            "", init_rule},
};

TEST(ProbeRules, NumbersAreThoseOfTheApiServer) {
  expect_refused(refused_numbers, in_container);
  expect_accepted(accepted_numbers, in_container);
}

TEST(ProbeRules, ActionsAreThoseOfTheApiServer) {
  expect_refused(refused_actions, in_container);
  expect_accepted(accepted_actions, in_container);
}

TEST(ProbeRules, AnInitContainerHasProbesOnlyAsASidecar) {
  expect_refused(refused_roles, in_spec);
  expect_accepted(accepted_roles, in_spec);
}

}  // namespace
}  // namespace podrun::pod
