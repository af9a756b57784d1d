// Kubernetes' rules for the security context of a container.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view id_rule = "validation.go ValidateSecurityContext, IsValidUserID";
constexpr std::string_view escalation_rule = "validation.go ValidateSecurityContext, allowPrivilegeEscalation";
constexpr std::string_view proc_rule = "validation.go ValidateSecurityContext, ValidateProcMountType";
constexpr std::string_view seccomp_rule = "validation.go validateSeccompProfileField";
constexpr std::string_view app_armor_rule = "validation.go ValidateAppArmorProfileField";
constexpr std::string_view capability_rule = "containerd, WithCapabilities: names in any case, all";
constexpr std::string_view type_rule = "types.go SecurityContext";

constexpr std::array refused_ids{
    ApiRule{"negative user", "securityContext: {runAsUser: -1}", "1 from 0 to 2147483647", id_rule},
    ApiRule{"user 2^31", "securityContext: {runAsUser: 2147483648}", "1 from 0 to 2147483647", id_rule},
    ApiRule{"user -1 as a 32-bit number", "securityContext: {runAsUser: 4294967295}", "1 from 0 to 2147483647",
            id_rule},
    ApiRule{"user by name", "securityContext: {runAsUser: root}", "1 must be a whole number", type_rule},
    ApiRule{"user in quotes", "securityContext: {runAsUser: \"0\"}", "1 without quotes", type_rule},
    ApiRule{"negative group", "securityContext: {runAsGroup: -1}", "1 from 0 to 2147483647",
            "validation.go ValidateSecurityContext, IsValidGroupID"},
    ApiRule{"group 2^31", "securityContext: {runAsGroup: 2147483648}", "1 from 0 to 2147483647",
            "validation.go ValidateSecurityContext, IsValidGroupID"},
    ApiRule{"runAsNonRoot as a word", "securityContext: {runAsNonRoot: never}", "1 true or false", type_rule},
    ApiRule{"privileged in quotes", "securityContext: {privileged: \"true\"}", "1 true or false", type_rule},
    ApiRule{"read-only root as a number", "securityContext: {readOnlyRootFilesystem: 1}", "1 true or false", type_rule},
    ApiRule{"unknown field", "securityContext: {runAs: 1}", "1 unknown field \"runAs\"", "fieldValidation: Strict"},
    ApiRule{"a list", "securityContext: [privileged]", "1 must be a mapping", type_rule},
    ApiRule{"fsGroup of a container", "securityContext: {fsGroup: 1}", "1 fsGroup belongs under spec.securityContext",
            "fieldValidation: Strict"},
};
constexpr std::array accepted_ids{
    ApiRule{"root", "securityContext: {runAsUser: 0, runAsGroup: 0}", "", id_rule},
    ApiRule{"user 2^31 - 1", "securityContext: {runAsUser: 2147483647}", "", id_rule},
    ApiRule{"group without a user", "securityContext: {runAsGroup: 5}", "", id_rule},
    ApiRule{"runAsNonRoot", "securityContext: {runAsNonRoot: true}", "", type_rule},
    ApiRule{"empty security context", "securityContext: {}", "", type_rule},
    ApiRule{"null security context", "securityContext: null", "", type_rule},
};

constexpr std::array refused_rights{
    ApiRule{"privileged without escalation",
            "securityContext:\n  privileged: true\n  allowPrivilegeEscalation: false",
            "3 cannot be false with privileged: true", escalation_rule},
    ApiRule{"CAP_SYS_ADMIN without escalation",
            "securityContext:\n  allowPrivilegeEscalation: false\n  capabilities: {add: [CAP_SYS_ADMIN]}",
            "2 the capability SYS_ADMIN added", escalation_rule},
    ApiRule{"SYS_ADMIN without escalation",
            "securityContext:\n  allowPrivilegeEscalation: false\n  capabilities: {add: [SYS_ADMIN]}",
            "2 podrun's own rule", "podrun's own rule: it means the same as CAP_SYS_ADMIN, which Kubernetes refuses"},
    ApiRule{"sys_admin without escalation",
            "securityContext:\n  allowPrivilegeEscalation: false\n  capabilities: {add: [sys_admin]}",
            "2 podrun's own rule", "podrun's own rule: it means the same as CAP_SYS_ADMIN, which Kubernetes refuses"},
    ApiRule{"unknown capability", "securityContext: {capabilities: {add: [FLY]}}", "1 add[0] \"FLY\" must be ALL or",
            "podrun's own rule: runtimes leave it out without a word"},
    ApiRule{"misspelt capability", "securityContext: {capabilities: {drop: [NET_ADMN]}}",
            "1 did you mean \"NET_ADMIN\"?", "podrun's own rule: runtimes leave it out without a word"},
    ApiRule{"CAP_ALL", "securityContext: {capabilities: {drop: [CAP_ALL]}}", "1 did you mean \"ALL\"?",
            "podrun's own rule: runtimes leave it out without a word"},
    ApiRule{"CAP_ twice", "securityContext: {capabilities: {add: [CAP_CAP_CHOWN]}}", "1 must be ALL or a capability",
            "podrun's own rule: runtimes leave it out without a word"},
    ApiRule{"empty capability", "securityContext: {capabilities: {add: [\"\"]}}", "1 must be ALL or a capability",
            "podrun's own rule: runtimes leave it out without a word"},
    ApiRule{"capability by number", "securityContext: {capabilities: {add: [21]}}", "1 must be a string",
            "types.go Capabilities"},
    ApiRule{"capabilities as a list", "securityContext: {capabilities: [ALL]}", "1 must be a mapping",
            "types.go SecurityContext"},
    ApiRule{"one capability without a list", "securityContext: {capabilities: {add: CHOWN}}", "1 add must be a list",
            "types.go Capabilities"},
    ApiRule{"unmasked /proc", "securityContext: {procMount: Unmasked}", "1 procMount must be Default", proc_rule},
    ApiRule{"empty procMount", "securityContext: {procMount: \"\"}", "1 procMount must not be empty", proc_rule},
    ApiRule{"unknown procMount", "securityContext: {procMount: Bare}", "1 procMount must be Default", proc_rule},
    ApiRule{"SELinux options", "securityContext: {seLinuxOptions: {level: s0}}", "1 podrun sets no SELinux labels",
            "podrun's own rule: it sets no labels"},
    ApiRule{"Windows options", "securityContext: {windowsOptions: {hostProcess: true}}", "1 this is Linux",
            "validation.go validateWindows, with spec.os.name linux"},
};
constexpr std::array accepted_rights{
    ApiRule{"capability", "securityContext: {capabilities: {add: [NET_ADMIN], drop: [ALL]}}", "", capability_rule},
    ApiRule{"capability in lower case", "securityContext: {capabilities: {add: [net_admin]}}", "", capability_rule},
    ApiRule{"capability in mixed case", "securityContext: {capabilities: {add: [Net_Admin]}}", "", capability_rule},
    ApiRule{"all", "securityContext: {capabilities: {drop: [all]}}", "", capability_rule},
    ApiRule{"All", "securityContext: {capabilities: {add: [All]}}", "", capability_rule},
    ApiRule{"capability with CAP_", "securityContext: {capabilities: {add: [CAP_NET_ADMIN]}}",
            "CAP_NET_ADMIN is taken as NET_ADMIN", "cri-o, getOCICapabilitiesList"},
    ApiRule{"capability with cap_", "securityContext: {capabilities: {drop: [cap_chown]}}",
            "cap_chown is taken as CHOWN", "cri-o, getOCICapabilitiesList"},
    ApiRule{"capability twice", "securityContext: {capabilities: {add: [CHOWN, chown]}}", "", capability_rule},
    ApiRule{"added and dropped", "securityContext: {capabilities: {add: [CHOWN], drop: [CHOWN]}}", "",
            "containerd, WithCapabilities"},
    ApiRule{"all without escalation",
            "securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [ALL]}}", "", escalation_rule},
    ApiRule{"no escalation", "securityContext: {allowPrivilegeEscalation: false, privileged: false}", "",
            escalation_rule},
    ApiRule{"privileged", "securityContext: {privileged: true, allowPrivilegeEscalation: true}", "", escalation_rule},
    ApiRule{"default procMount", "securityContext: {procMount: Default}", "", proc_rule},
};

constexpr std::array refused_profiles{
    ApiRule{"seccomp without a type", "securityContext: {seccompProfile: {localhostProfile: a.json}}",
            "1 \"type\" is missing", seccomp_rule},
    ApiRule{"empty seccomp profile", "securityContext: {seccompProfile: {}}", "1 \"type\" is missing", seccomp_rule},
    ApiRule{"unknown seccomp type", "securityContext: {seccompProfile: {type: Strict}}",
            "1 one of RuntimeDefault, Unconfined, Localhost", seccomp_rule},
    ApiRule{"seccomp type of annotations", "securityContext: {seccompProfile: {type: runtime/default}}",
            "1 one of RuntimeDefault, Unconfined, Localhost", seccomp_rule},
    ApiRule{"Localhost without a file", "securityContext:\n  seccompProfile:\n    type: Localhost",
            "3 needs localhostProfile", seccomp_rule},
    ApiRule{"Localhost with an empty file",
            "securityContext:\n  seccompProfile:\n    type: Localhost\n    localhostProfile: \"\"",
            "4 needs localhostProfile", "podrun's own rule: the kubelet refuses it at the start"},
    ApiRule{"RuntimeDefault with a file",
            "securityContext:\n  seccompProfile:\n    type: RuntimeDefault\n    localhostProfile: a.json",
            "4 belongs only to the type Localhost", seccomp_rule},
    ApiRule{"Unconfined with a file",
            "securityContext:\n  seccompProfile:\n    localhostProfile: a.json\n    type: Unconfined",
            "3 belongs only to the type Localhost", seccomp_rule},
    ApiRule{"absolute file", "securityContext: {seccompProfile: {type: Localhost, localhostProfile: /a.json}}",
            "1 must be a relative path", seccomp_rule},
    ApiRule{"file with ..", "securityContext: {seccompProfile: {type: Localhost, localhostProfile: ../a.json}}",
            "1 must not contain \"..\"", seccomp_rule},
    ApiRule{"AppArmor without a type", "securityContext: {appArmorProfile: {}}", "1 \"type\" is missing",
            app_armor_rule},
    ApiRule{"unknown AppArmor type", "securityContext: {appArmorProfile: {type: None}}",
            "1 one of Unconfined, RuntimeDefault", app_armor_rule},
    ApiRule{"AppArmor default with a file",
            "securityContext: {appArmorProfile: {type: RuntimeDefault, localhostProfile: a}}",
            "1 localhostProfile is refused", app_armor_rule},
    ApiRule{"AppArmor profile without a name", "securityContext: {appArmorProfile: {type: Localhost}}",
            "1 podrun loads no AppArmor profile", app_armor_rule},
};
constexpr std::array accepted_profiles{
    ApiRule{"RuntimeDefault", "securityContext: {seccompProfile: {type: RuntimeDefault}}", "", seccomp_rule},
    ApiRule{"Unconfined", "securityContext: {seccompProfile: {type: Unconfined}}", "", seccomp_rule},
    ApiRule{"Localhost", "securityContext: {seccompProfile: {type: Localhost, localhostProfile: a/b.json}}", "",
            seccomp_rule},
    ApiRule{"Localhost with a name that begins with ..",
            "securityContext: {seccompProfile: {type: Localhost, localhostProfile: ..a.json}}", "", seccomp_rule},
    ApiRule{"null as file", "securityContext: {seccompProfile: {type: Unconfined, localhostProfile: null}}", "",
            seccomp_rule},
    ApiRule{"AppArmor default", "securityContext: {appArmorProfile: {type: RuntimeDefault}}", "", app_armor_rule},
    ApiRule{"AppArmor unconfined", "securityContext: {appArmorProfile: {type: Unconfined}}", "", app_armor_rule},
};

constexpr std::array refused_profiles_of_pods{
    ApiRule{"the pod's Localhost without a file",
            "containers: [{name: a, image: a}]\nsecurityContext:\n  seccompProfile: {type: Localhost}",
            "3 needs localhostProfile", seccomp_rule},
    ApiRule{"the pod's RuntimeDefault with a file",
            "containers: [{name: a, image: a}]\nsecurityContext:\n"
            "  seccompProfile: {type: RuntimeDefault, localhostProfile: a}",
            "3 belongs only to the type Localhost", seccomp_rule},
};

TEST(SecurityRules, IdsAndSwitchesAreThoseOfKubernetes) {
  expect_refused(refused_ids, in_container);
  expect_accepted(accepted_ids, in_container);
}

TEST(SecurityRules, RightsAreThoseOfKubernetes) {
  expect_refused(refused_rights, in_container);
  expect_accepted(accepted_rights, in_container);
}

TEST(SecurityRules, ProfilesAreThoseOfKubernetes) {
  expect_refused(refused_profiles, in_container);
  expect_accepted(accepted_profiles, in_container);
  expect_refused(refused_profiles_of_pods, in_spec);
}

TEST(SecurityRules, CapabilitiesAreDecodedIntoTheNamesOfPodrun) {
  const RuleManifest manifest = manifest_of(
      {"", "securityContext: {capabilities: {add: [cap_net_raw, Sys_Time], drop: [all, cHown]}}", "", ""},
      in_container);
  const Manifests manifests = read_manifests({{"rule.yaml", manifest.text}}, {});
  ASSERT_EQ(manifests.pods.size(), 1U);
  const Capabilities& capabilities = manifests.pods[0].pod.spec.containers.at(0).security_context.capabilities;
  EXPECT_EQ(capabilities.add, (std::vector<std::string>{"NET_RAW", "SYS_TIME"}));
  EXPECT_EQ(capabilities.drop, (std::vector<std::string>{"ALL", "CHOWN"}));
}

}  // namespace
}  // namespace podrun::pod
