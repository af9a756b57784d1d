// Kubernetes' rules for the simple fields of a container, and for its ports.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view name_rule = "validation.go validateContainerCommon, ValidateDNS1123Label";
constexpr std::string_view image_rule = "validation.go validateContainerCommon, validateContainerOnlyForPod";
constexpr std::string_view type_rule = "types.go Container: the JSON decoder's strict types";

constexpr std::array refused_wholes{
    ApiRule{"no name", "image: a", "1 the field \"name\" is missing", name_rule},
    ApiRule{"empty name", "name: \"\"\nimage: a", "1 name must not be empty", name_rule},
    ApiRule{"upper-case name", "name: App\nimage: a", "1 lower-case letters", name_rule},
    ApiRule{"name with _", "name: a_b\nimage: a", "1 lower-case letters", name_rule},
    ApiRule{"name with .", "name: a.b\nimage: a", "1 lower-case letters", name_rule},
    ApiRule{"name that ends with -", "name: a-\nimage: a", "1 lower-case letters", name_rule},
    ApiRule{"name that begins with -", "name: -a\nimage: a", "1 lower-case letters", name_rule},
    ApiRule{"name of 64 characters", "name: a234567890123456789012345678901234567890123456789012345678901234\nimage: a",
            "1 at most 63", name_rule},
    ApiRule{"number as name", "name: 1\nimage: a", "1 must be a string", type_rule},
    ApiRule{"no image", "name: a", "1 the field \"image\" is missing", image_rule},
    ApiRule{"empty image", "name: a\nimage: \"\"", "2 image must not be empty", image_rule},
    ApiRule{"image with a blank before", "name: a\nimage: \" a\"", "2 must look like", image_rule},
    ApiRule{"image with a blank behind", "name: a\nimage: \"a \"", "2 must look like", image_rule},
    ApiRule{"image with upper-case", "name: a\nimage: Nginx", "2 must look like",
            "podrun's own rule: kubelet's InvalidImageName, which the API server leaves to the node"},
    ApiRule{"image with an empty tag", "name: a\nimage: \"nginx:\"", "2 must have a tag",
            "podrun's own rule: kubelet's InvalidImageName, which the API server leaves to the node"},
    ApiRule{"image with a short digest", "name: a\nimage: nginx@sha256:00", "2 podrun's own rule: an image is NAME",
            "podrun's own rule: image roots are found by name and tag"},
};
constexpr std::array accepted_wholes{
    ApiRule{"digits as name", "name: \"0\"\nimage: a", "", name_rule},
    ApiRule{"name of 63 characters",
            "name: a23456789012345678901234567890123456789012345678901234567890123\nimage: a", "", name_rule},
    ApiRule{"image with host, port and tag", "name: a\nimage: localhost:5000/a/b:V1.2", "", image_rule},
    ApiRule{"image without a tag", "name: a\nimage: nginx", "", image_rule},
    ApiRule{"image with a tag and a digest",
            "name: a\nimage: nginx:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "",
            image_rule},
};

constexpr std::string_view pull_rule = "validation.go validatePullPolicy";
constexpr std::string_view message_rule = "validation.go validateContainerCommon, terminationMessagePolicy";
constexpr std::string_view resize_rule = "validation.go validateResizePolicy";

constexpr std::array refused_fields{
    ApiRule{"unknown pull policy", "imagePullPolicy: Sometimes", "1 one of Always, IfNotPresent, Never", pull_rule},
    ApiRule{"pull policy in lower case", "imagePullPolicy: always", "1 did you mean \"Always\"?", pull_rule},
    ApiRule{"unknown message policy", "terminationMessagePolicy: Log", "1 one of File, FallbackToLogsOnError",
            message_rule},
    ApiRule{"message path with ..", "terminationMessagePath: /a/../b", "1 must not contain \"..\"",
            "podrun's own rule: what it means depends on links in the image"},
    ApiRule{"relative working directory", "workingDir: srv", "1 must be an absolute path",
            "podrun's own rule: OCI runtimes refuse it at the start"},
    ApiRule{"working directory with ..", "workingDir: /a/../b", "1 must not contain \"..\"",
            "podrun's own rule: what it means depends on links in the image"},
    ApiRule{"number as command", "command: [sleep, 5]", "1 command[1] must be a string", type_rule},
    ApiRule{"command that is no list", "command: sleep", "1 command must be a list", type_rule},
    ApiRule{"mapping in args", "args: [{a: b}]", "1 args[0] must be a string", type_rule},
    ApiRule{"stdin in quotes", "stdin: \"true\"", "1 true or false", type_rule},
    ApiRule{"tty as a number", "tty: 1", "1 true or false", type_rule},
    ApiRule{"stdinOnce as a word", "stdinOnce: once", "1 true or false", type_rule},
    ApiRule{"unknown field", "colour: red", "1 unknown field \"colour\"", "fieldValidation: Strict"},
    ApiRule{"block device", "volumeDevices: [{name: data, devicePath: /dev/x}]", "1 volumeDevices is refused",
            "podrun's own rule: claims are directories; ValidateVolumeDevices refuses it for an emptyDir, too"},
    ApiRule{"resize of storage", "resizePolicy: [{resourceName: storage, restartPolicy: NotRequired}]",
            "1 one of cpu, memory", resize_rule},
    ApiRule{"unknown resize policy", "resizePolicy: [{resourceName: cpu, restartPolicy: Never}]",
            "1 one of NotRequired, RestartContainer", resize_rule},
    ApiRule{"two resize policies",
            "resizePolicy:\n- {resourceName: cpu, restartPolicy: NotRequired}\n"
            "- {resourceName: cpu, restartPolicy: RestartContainer}",
            "3 is taken", resize_rule},
    ApiRule{"resize policy without a policy", "resizePolicy: [{resourceName: cpu}]", "1 \"restartPolicy\" is missing",
            resize_rule},
};
constexpr std::array accepted_fields{
    ApiRule{"pull policies", "imagePullPolicy: IfNotPresent", "", pull_rule},
    ApiRule{"empty pull policy", "imagePullPolicy: \"\"", "", "defaults.go SetDefaults_Container"},
    ApiRule{"empty message policy", "terminationMessagePolicy: \"\"", "", "defaults.go SetDefaults_Container"},
    ApiRule{"message policy", "terminationMessagePolicy: FallbackToLogsOnError", "", message_rule},
    ApiRule{"empty command", "command: []", "", type_rule},
    ApiRule{"command with an empty word", "command: [echo, \"\"]", "", type_rule},
    ApiRule{"resize policies",
            "resizePolicy:\n- {resourceName: cpu, restartPolicy: NotRequired}\n"
            "- {resourceName: memory, restartPolicy: RestartContainer}",
            "", resize_rule},
    ApiRule{"stdinOnce without stdin", "stdinOnce: true", "", type_rule},
};

constexpr std::string_view port_rule = "validation.go validateContainerPorts";
constexpr std::string_view port_name_rule = "validation.go validateContainerPorts, IsValidPortName";

constexpr std::string_view conflict_rule = "validation.go checkHostPortConflicts";
constexpr std::string_view socket_rule = "podrun's own rule: bind(2) gives a port to one socket";

constexpr std::array refused_ports{
    ApiRule{"port without a number", "ports: [{name: web}]", "1 \"containerPort\" is missing", port_rule},
    ApiRule{"port 0", "ports: [{containerPort: 0}]", "1 from 1 to 65535", port_rule},
    ApiRule{"port 65536", "ports: [{containerPort: 65536}]", "1 from 1 to 65535", port_rule},
    ApiRule{"negative port", "ports: [{containerPort: -1}]", "1 from 1 to 65535", port_rule},
    ApiRule{"port in quotes", "ports: [{containerPort: \"80\"}]", "1 without quotes", type_rule},
    ApiRule{"port name with _", "ports: [{containerPort: 80, name: a_b}]", "1 at most 15", port_name_rule},
    ApiRule{"port name in upper case", "ports: [{containerPort: 80, name: Web}]", "1 at most 15", port_name_rule},
    ApiRule{"port name of digits", "ports: [{containerPort: 80, name: \"80\"}]", "1 at least one letter",
            port_name_rule},
    ApiRule{"port name of 16 characters", "ports: [{containerPort: 80, name: a234567890123456}]", "1 at most 15",
            port_name_rule},
    ApiRule{"port name with --", "ports: [{containerPort: 80, name: a--b}]", "1 single \"-\"", port_name_rule},
    ApiRule{"port name that ends with -", "ports: [{containerPort: 80, name: a-}]", "1 at most 15", port_name_rule},
    ApiRule{"two ports of a name", "ports:\n- {containerPort: 80, name: web}\n- {containerPort: 81, name: web}",
            "3 the port name \"web\" is taken", port_rule},
    ApiRule{"unknown protocol", "ports: [{containerPort: 80, protocol: HTTP}]", "1 one of TCP, UDP, SCTP", port_rule},
    ApiRule{"protocol in lower case", "ports: [{containerPort: 80, protocol: tcp}]", "1 one of TCP, UDP, SCTP",
            port_rule},
    ApiRule{"host port 65536", "ports: [{containerPort: 80, hostPort: 65536}]", "1 hostPort must be from 0 to 65535",
            port_rule},
    ApiRule{"host port twice",
            "ports:\n- {containerPort: 80, hostPort: 80}\n- {containerPort: 81, hostPort: 80, protocol: TCP}",
            "3 the host port 80/TCP is taken", conflict_rule},
    ApiRule{"host port of one address twice",
            "ports:\n- {containerPort: 80, hostPort: 80, hostIP: \"fd00::1\"}\n"
            "- {containerPort: 81, hostPort: 80, hostIP: \"fd00:0::1\"}",
            "3 the host port [fd00::1]:80/TCP is taken", conflict_rule},
    ApiRule{"host port of one address and of all",
            "ports:\n- {containerPort: 80, hostPort: 80}\n- {containerPort: 81, hostPort: 80, hostIP: 192.0.2.1}",
            "3 first on line 13, as 80/TCP; podrun's own rule", socket_rule},
    ApiRule{"host port of one address and of all of its family",
            "ports:\n- {containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 192.0.2.1}\n"
            "- {containerPort: 53, hostPort: 53, protocol: UDP, hostIP: 0.0.0.0}",
            "3 the host port 0.0.0.0:53/UDP is taken", socket_rule},
    ApiRule{"host port of all addresses and of all of a family",
            "ports:\n- {containerPort: 80, hostPort: 80}\n- {containerPort: 81, hostPort: 80, hostIP: \"::\"}",
            "3 the host port [::]:80/TCP is taken", socket_rule},
    ApiRule{"host address of the other family",
            "ports: [{containerPort: 80, hostPort: 80, hostIP: \"::ffff:192.0.2.1\"}]",
            "1 hostIP \"::ffff:192.0.2.1\" cannot be bound", socket_rule},
    ApiRule{"host address that is none", "ports: [{containerPort: 80, hostIP: localhost}]", "1 IPv4 or IPv6",
            "podrun's own rule: the field's description says that it is an address"},
};
constexpr std::array accepted_ports{
    ApiRule{"a port", "ports: [{containerPort: 65535}]", "", port_rule},
    ApiRule{"the same port twice", "ports: [{containerPort: 80}, {containerPort: 80}]", "", port_rule},
    ApiRule{"two protocols of a port", "ports: [{containerPort: 53}, {containerPort: 53, protocol: UDP}]", "",
            port_rule},
    ApiRule{"SCTP", "ports: [{containerPort: 80, protocol: SCTP}]", "", port_rule},
    ApiRule{"empty protocol", "ports: [{containerPort: 80, protocol: \"\"}]", "", "defaults.go SetDefaults_Container"},
    ApiRule{"port name of 15 characters", "ports: [{containerPort: 80, name: a23456789012345}]", "", port_name_rule},
    ApiRule{"port name with a digit first", "ports: [{containerPort: 80, name: 8a}]", "", port_name_rule},
    ApiRule{"host port 0", "ports: [{containerPort: 80, hostPort: 0}]", "", port_rule},
    ApiRule{"host port", "ports: [{containerPort: 80, hostPort: 8080}]", "", port_rule},
    ApiRule{"host port of several protocols",
            "ports: [{containerPort: 80, hostPort: 80}, {containerPort: 80, hostPort: 80, protocol: UDP}, "
            "{containerPort: 80, hostPort: 80, protocol: SCTP}]",
            "", conflict_rule},
    ApiRule{"host port of several addresses",
            "ports: [{containerPort: 80, hostPort: 80, hostIP: 127.0.0.1}, {containerPort: 81, hostPort: 80, hostIP: "
            "192.0.2.1}, {containerPort: 82, hostPort: 80, hostIP: \"::\"}]",
            "", conflict_rule},
};

constexpr std::string_view host_network_rule = "validation.go validateHostNetwork, validateHostNetworkPorts";

constexpr std::array refused_host_ports{
    ApiRule{"another port of the host",
            "hostNetwork: true\ncontainers:\n- {name: a, image: a, ports: [{containerPort: 80, hostPort: 81}]}",
            "3 hostPort must equal containerPort", host_network_rule},
    ApiRule{"two containers with a port of the host",
            "hostNetwork: true\ncontainers:\n- {name: a, image: a, ports: [{containerPort: 80, hostPort: 80}]}\n"
            "- {name: b, image: a, ports: [{containerPort: 80, hostPort: 80}]}",
            "4 the host port 80/TCP is taken", conflict_rule},
    ApiRule{"two containers with the host's port by default",
            "hostNetwork: true\ncontainers:\n- {name: a, image: a, ports: [{containerPort: 80}]}\n"
            "- {name: b, image: a, ports: [{containerPort: 80}]}",
            "4 the host port 80/TCP is taken", "defaults.go defaultHostNetworkPorts, checkHostPortConflicts"},
    ApiRule{"one container with a port of the host twice",
            "hostNetwork: true\ncontainers:\n- name: a\n  image: a\n  ports:\n  - {containerPort: 80}\n"
            "  - {containerPort: 80, protocol: TCP}",
            "7 the host port 80/TCP is taken", conflict_rule},
    ApiRule{"two containers of a name", "containers:\n- {name: a, image: a}\n- {name: a, image: b}",
            "3 the container name \"a\" is taken", "validation.go validateContainers"},
    ApiRule{"no containers", "containers: []", "1 containers must not be empty", "validation.go validateContainers"},
    ApiRule{"resize by a restart that never happens",
            "restartPolicy: Never\ncontainers:\n- name: a\n  image: a\n"
            "  resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]",
            "5 must be NotRequired", resize_rule},
};
constexpr std::array accepted_host_ports{
    ApiRule{"the host's port by another protocol",
            "hostNetwork: true\ncontainers:\n- {name: a, image: a, ports: [{containerPort: 53}]}\n"
            "- {name: b, image: a, ports: [{containerPort: 53, protocol: UDP}]}",
            "", conflict_rule},
    ApiRule{"the host's port on two addresses",
            "hostNetwork: true\ncontainers:\n- {name: a, image: a, ports: [{containerPort: 53, hostIP: 10.0.0.1}]}\n"
            "- {name: b, image: a, ports: [{containerPort: 53, hostIP: 10.0.0.2}]}",
            "", conflict_rule},
    ApiRule{"a port in two containers",
            "containers:\n- {name: a, image: a, ports: [{containerPort: 80, name: web}]}\n"
            "- {name: b, image: a, ports: [{containerPort: 80, name: web}]}",
            "", port_rule},
};

TEST(ContainerRules, NamesAndImagesAreThoseOfKubernetes) {
  expect_refused(refused_wholes, in_whole_container);
  expect_accepted(accepted_wholes, in_whole_container);
}

TEST(ContainerRules, SimpleFieldsAreThoseOfKubernetes) {
  expect_refused(refused_fields, in_container);
  expect_accepted(accepted_fields, in_container);
}

TEST(ContainerRules, PortsAreThoseOfKubernetes) {
  expect_refused(refused_ports, in_container);
  expect_accepted(accepted_ports, in_container);
}

TEST(ContainerRules, PortsOfTheHostAreThoseOfKubernetes) {
  expect_refused(refused_host_ports, in_spec);
  expect_accepted(accepted_host_ports, in_spec);
}

}  // namespace
}  // namespace podrun::pod
