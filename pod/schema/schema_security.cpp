// The tables of security contexts.
#include "pod/schema/schema_types.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr auto shown = used("Decode.ThePodsSecurityContextIsDecoded");
constexpr auto merged = used("Identity.AContainerInheritsThePodsRunAsUserAndRunAsGroup");

constexpr Integers ids{id};
constexpr Text sysctl_text{sysctl_name};
constexpr Text profile_text{relative_path};
constexpr Choice fs_group_policies{std::array{std::pair{"Always"sv, FsGroupChangePolicy::Always},
                                              std::pair{"OnRootMismatch"sv, FsGroupChangePolicy::OnRootMismatch}}};
constexpr Choice group_policies{std::array{std::pair{"Merge"sv, SupplementalGroupsPolicy::Merge},
                                           std::pair{"Strict"sv, SupplementalGroupsPolicy::Strict}}};
constexpr Choice seccomp_types{std::array{std::pair{"RuntimeDefault"sv, SeccompProfile::Type::RuntimeDefault},
                                          std::pair{"Unconfined"sv, SeccompProfile::Type::Unconfined},
                                          std::pair{"Localhost"sv, SeccompProfile::Type::Localhost}}};
constexpr Choice app_armor_types{std::array{std::pair{"Unconfined"sv, ""sv}, std::pair{"RuntimeDefault"sv, ""sv}}};
/// The type of an AppArmor profile: one that loads none.
struct AppArmorType {
  static constexpr std::string_view type = "string";
  static constexpr auto values = app_armor_types.values;
  void decode(const yaml::Node& node, const FieldLabel& label, std::string_view& into,
              DiagnosticCollector& report) const {
    if (node.kind == yaml::Kind::Scalar && node.text == "Localhost")
      return report.add(node.at, "type Localhost is refused: podrun loads no AppArmor profile");
    app_armor_types.decode(node, label, into, report);
  }
};
constexpr AppArmorType app_armor_type{};

constexpr std::array pod_security_rows{
    row<&PodSecurityContext::run_as_user, id>("runAsUser", defaults_to("the image's user"), merged,
                                              "The user id of containers that say none."),
    row<&PodSecurityContext::run_as_group, id>("runAsGroup", defaults_to("the image's group"), merged,
                                               "The group id of containers that say none."),
    row<&PodSecurityContext::run_as_non_root, boolean>("runAsNonRoot", defaults_to("false"), merged,
                                                       "true refuses to start as user 0."),
    row<&PodSecurityContext::supplemental_groups, ids>("supplementalGroups", optional,
                                                       used("Identity.AProcessHasThePodsSupplementalGroupsAndFsGroup"),
                                                       "Further groups of every process."),
    row<&PodSecurityContext::supplemental_groups_policy, group_policies>(
        "supplementalGroupsPolicy", defaults_unless_empty("Merge"),
        used("Identity.AProcessHasThePodsSupplementalGroupsAndFsGroup"),
        "Strict leaves out the groups that the image's /etc/group gives the user."),
    row<&PodSecurityContext::fs_group, id>("fsGroup", optional,
                                           used("FsGroup.EveryVolumeThatPodrunMakesIsGivenToTheFsGroup"),
                                           "The group that volumes belong to."),
    row<&PodSecurityContext::fs_group_change_policy, fs_group_policies>(
        "fsGroupChangePolicy", defaults_unless_empty("Always"),
        used("FsGroup.OnRootMismatchSkipsAClaimWhoseRootHasTheFsGroup"),
        "OnRootMismatch leaves a volume alone whose root has the group already."),
    row<&PodSecurityContext::sysctls, objects<Sysctl>>("sysctls", optional, used("Sysctls.SysctlsApplyOnlyToThePod"),
                                                       "Kernel parameters of the pod's own namespaces."),
    row<&PodSecurityContext::seccomp_profile, object<SeccompProfile>>("seccompProfile", defaults_to("Unconfined"),
                                                                      merged, "Which system calls are refused."),
    unused("appArmorProfile", "AppArmorProfile", no_effect("podrun loads no AppArmor profile")),
    unused("seLinuxChangePolicy", "string", no_effect("podrun sets no SELinux labels")),
    unused("seLinuxOptions", "SELinuxOptions", refused("podrun sets no SELinux labels", "leave it out")),
    unused("windowsOptions", "WindowsSecurityContextOptions", refused("this is Linux", "leave it out")),
};
constexpr std::array sysctl_rows{
    row<&Sysctl::name, sysctl_text>("name", required, shown, "The parameter."),
    row<&Sysctl::value, any_text>("value", required_or_empty, shown, "What is written to it."),
};
constexpr std::array seccomp_rows{
    row<&SeccompProfile::localhost_profile, profile_text>("localhostProfile", optional, shown,
                                                          "For Localhost: a file below /etc/podrun/seccomp."),
    row<&SeccompProfile::type, seccomp_types>("type", required, shown, "RuntimeDefault, Unconfined or Localhost."),
};
constexpr std::array app_armor_rows{
    unused("localhostProfile", "string", refused("podrun loads no AppArmor profile")),
    verified<std::string_view, app_armor_type>("type", required, {},
                                                "Unconfined or RuntimeDefault: neither loads a profile."),
};

}  // namespace

constinit const Table Schema<PodSecurityContext>::table{"PodSecurityContext", "the pod's security context",
                                                        pod_security_rows};
constinit const Table Schema<Sysctl>::table{"Sysctl", "a sysctl", sysctl_rows};
constinit const Table Schema<SeccompProfile>::table{"SeccompProfile", "a seccompProfile", seccomp_rows};
constinit const Table app_armor_table{"AppArmorProfile", "an appArmorProfile", app_armor_rows};

}  // namespace podrun::pod
