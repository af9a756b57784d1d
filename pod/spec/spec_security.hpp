// Security contexts. A container inherits from its pod the fields that it does not set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace podrun::pod {

/// `securityContext.capabilities`: names without "CAP_", or "ALL".
struct Capabilities {
  std::vector<std::string> add;
  std::vector<std::string> drop;
};

/// `seccompProfile`: which system calls are denied.
struct SeccompProfile {
  enum class Type { RuntimeDefault, Unconfined, Localhost };
  Type type = Type::Unconfined;
  std::string localhost_profile;  ///< for Localhost: a path relative to the directory of profiles
};

/// Container `securityContext`. Ids that are not set are the pod's, or else the image's.
struct SecurityContext {
  std::optional<std::int64_t> run_as_user;
  std::optional<std::int64_t> run_as_group;
  bool read_only_root_filesystem = false;
  bool allow_privilege_escalation = true;  ///< false sets no_new_privs
  bool privileged = false;                 ///< all capabilities, no masked paths, the host's devices
  Capabilities capabilities;
  std::optional<bool> run_as_non_root;
  std::optional<SeccompProfile> seccomp_profile;
};

/// `fsGroupChangePolicy`: whether a volume is walked whose root already has the group.
enum class FsGroupChangePolicy { Always, OnRootMismatch };
/// `supplementalGroupsPolicy`: whether the user's groups in the image's /etc/group are added.
enum class SupplementalGroupsPolicy { Merge, Strict };

/// `sysctls[]`.
struct Sysctl {
  std::string name;
  std::string value;
};

/// Pod `securityContext`.
struct PodSecurityContext {
  std::optional<std::int64_t> run_as_user;
  std::optional<std::int64_t> run_as_group;
  std::optional<bool> run_as_non_root;
  std::vector<std::int64_t> supplemental_groups;
  SupplementalGroupsPolicy supplemental_groups_policy = SupplementalGroupsPolicy::Merge;
  std::optional<std::int64_t> fs_group;
  FsGroupChangePolicy fs_group_change_policy = FsGroupChangePolicy::Always;
  std::vector<Sysctl> sysctls;
  std::optional<SeccompProfile> seccomp_profile;
};

}  // namespace podrun::pod
