// Kubernetes' rules for the security context of a pod. security_rules_test.cpp has those for a container's.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr RulePlace in_pod{.before = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n",
                           .after = "  containers: [{name: app, image: localhost/app}]\n",
                           .indent = 2};

constexpr std::string_view ids = "validation.go validatePodSpecSecurityContext, IsValidUserID, IsValidGroupID";
constexpr std::string_view sysctls = "validation.go validateSysctls, IsValidSysctlName";
constexpr std::string_view kernels = "podrun's own rule: what the kernel refuses would fail the start";
constexpr std::string_view host_sysctls = "validation.go ValidateHostSysctl";
constexpr std::string_view groups = "validation.go validateFSGroupChangePolicy, validateSupplementalGroupsPolicy";
constexpr std::string_view unsafe =
    "podrun's own rule: Kubernetes accepts it, and its nodes refuse the pod (SysctlForbidden)";

constexpr std::array refused{
    ApiRule{"negative user", "securityContext: {runAsUser: -1}", "1 runAsUser must be from 0", ids},
    ApiRule{"negative group", "securityContext: {runAsGroup: -1}", "1 runAsGroup must be from 0", ids},
    ApiRule{"negative fsGroup", "securityContext: {fsGroup: -1}", "1 fsGroup must be from 0", ids},
    ApiRule{"negative supplemental group", "securityContext: {supplementalGroups: [1, -1]}",
            "1 supplementalGroups[1] must be from 0", ids},
    ApiRule{"large user", "securityContext: {runAsUser: 2147483648}", "1 to 2147483647", ids},
    ApiRule{"large group", "securityContext: {runAsGroup: 4294967294}", "1 to 2147483647", ids},
    ApiRule{"large fsGroup", "securityContext: {fsGroup: 2147483648}", "1 to 2147483647", ids},
    ApiRule{"large supplemental group", "securityContext: {supplementalGroups: [2147483648]}", "1 to 2147483647", ids},
    ApiRule{"user by name", "securityContext: {runAsUser: nobody}", "1 whole number",
            "json: cannot unmarshal string into int64"},
    ApiRule{"unknown fsGroupChangePolicy", "securityContext: {fsGroupChangePolicy: Never}",
            "1 one of Always, OnRootMismatch", groups},
    ApiRule{"unknown supplementalGroupsPolicy", "securityContext: {supplementalGroupsPolicy: Keep}",
            "1 one of Merge, Strict", groups},
    ApiRule{"empty fsGroupChangePolicy", "securityContext: {fsGroupChangePolicy: \"\"}",
            "1 one of Always, OnRootMismatch", groups},
    ApiRule{"empty supplementalGroupsPolicy", "securityContext: {supplementalGroupsPolicy: \"\"}",
            "1 one of Merge, Strict", groups},
    ApiRule{"sysctl without a name", "securityContext: {sysctls: [{value: \"1\"}]}", "1 \"name\" is missing", sysctls},
    ApiRule{"sysctl with an empty name", "securityContext: {sysctls: [{name: \"\", value: \"1\"}]}",
            "1 name must not be empty", sysctls},
    ApiRule{"upper case sysctl", "securityContext: {sysctls: [{name: Net.ipv4.x, value: \"1\"}]}",
            "1 must be a kernel parameter", sysctls},
    ApiRule{"sysctl with a blank", "securityContext: {sysctls: [{name: \"net.ipv4 x\", value: \"1\"}]}",
            "1 must be a kernel parameter", sysctls},
    ApiRule{"sysctl ends with .", "securityContext: {sysctls: [{name: net.ipv4., value: \"1\"}]}",
            "1 must be a kernel parameter", sysctls},
    ApiRule{"sysctl with ..", "securityContext: {sysctls: [{name: net/../kernel/x, value: \"1\"}]}",
            "1 must be a kernel parameter", sysctls},
    ApiRule{"sysctl value is a number", "securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: 1}]}",
            "1 must be a string", "json: cannot unmarshal number into string"},
    ApiRule{"sysctl with a port above 65535",
            "securityContext: {sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: \"70000\"}]}",
            "1 must be a port from 0 to 65535", kernels},
    ApiRule{"sysctl with a reversed range",
            "securityContext: {sysctls: [{name: net/ipv4/ip_local_port_range, value: \"60000 2000\"}]}",
            "1 must be two ports, the lower first", kernels},
    ApiRule{"sysctl with a word for a number",
            "securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: \"on\"}]}",
            "1 must be 0, 1 or 2", kernels},
    ApiRule{"sysctl with a reserved port above 65535",
            "securityContext: {sysctls: [{name: net.ipv4.ip_local_reserved_ports, value: 80-99999}]}",
            "1 must be ports and ranges", kernels},
    ApiRule{"sysctl twice",
            "securityContext:\n  sysctls:\n  - {name: net.ipv4.tcp_syncookies, value: \"1\"}\n"
            "  - {name: net.ipv4.tcp_syncookies, value: \"0\"}",
            "4 the sysctl \"net.ipv4.tcp_syncookies\" is taken", sysctls},
    ApiRule{"net sysctl with hostNetwork",
            "hostNetwork: true\nsecurityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: \"1\"}]}",
            "2 would be the host's with hostNetwork: true", host_sysctls},
    ApiRule{"net sysctl with slashes and hostNetwork",
            "hostNetwork: true\nsecurityContext: {sysctls: [{name: net/ipv4/tcp_syncookies, value: \"1\"}]}",
            "2 would be the host's with hostNetwork: true", host_sysctls},
    ApiRule{"ipc sysctl with hostIPC",
            "hostIPC: true\nsecurityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: \"1\"}]}",
            "2 would be the host's with hostIPC: true", host_sysctls},
    ApiRule{"unsafe net sysctl", "securityContext: {sysctls: [{name: net.core.somaxconn, value: \"1\"}]}",
            "1 is not among those that Kubernetes calls safe", unsafe},
    ApiRule{"unsafe ipc sysctl", "securityContext: {sysctls: [{name: kernel.msgmax, value: \"1\"}]}",
            "1 is not among those that Kubernetes calls safe", unsafe},
    ApiRule{"the host's sysctl", "securityContext: {sysctls: [{name: vm.swappiness, value: \"1\"}]}",
            "1 is not among those that Kubernetes calls safe", unsafe},
    ApiRule{"SELinux", "securityContext: {seLinuxOptions: {level: s0}}", "1 podrun sets no SELinux labels",
            "podrun's own rule: it sets no labels"},
    ApiRule{"Windows", "securityContext: {windowsOptions: {runAsUserName: a}}", "1 this is Linux",
            "validation.go validateLinux"},
};

constexpr std::array accepted{
    ApiRule{"ids up to the limit",
            "securityContext: {runAsUser: 0, runAsGroup: 2147483647, fsGroup: 0, supplementalGroups: [0, 2147483647]}",
            "", ids},
    ApiRule{"a group twice", "securityContext: {supplementalGroups: [1, 1]}", "", ids},
    ApiRule{"policies", "securityContext: {fsGroupChangePolicy: OnRootMismatch, supplementalGroupsPolicy: Strict}", "",
            groups},
    ApiRule{"sysctl with an empty value",
            "securityContext: {sysctls: [{name: net.ipv4.ip_local_reserved_ports, value: \"\"}]}", "", sysctls},
    ApiRule{"sysctl in two ways of writing",
            "securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: \"1\"}, "
            "{name: net/ipv4/tcp_syncookies, value: \"1\"}]}",
            "", sysctls},
    ApiRule{"ipc sysctl with hostNetwork",
            "hostNetwork: true\nsecurityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: \"1\"}]}", "",
            host_sysctls},
    ApiRule{"net sysctl with hostIPC",
            "hostIPC: true\nsecurityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: \"1\"}]}", "",
            host_sysctls},
    ApiRule{"an empty security context", "securityContext: {}", "", ids},
};

TEST(PodSecurityRules, WhatTheApiServerRefusesIsRefused) {
  expect_refused(refused, in_pod);
}

TEST(PodSecurityRules, WhatTheApiServerAcceptsIsAccepted) {
  expect_accepted(accepted, in_pod);
}

}  // namespace
}  // namespace podrun::pod
