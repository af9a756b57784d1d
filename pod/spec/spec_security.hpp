// With which rights a pod's processes run. What a container leaves out, its pod may say.
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

/// `seccompProfile`: which system calls are refused.
struct SeccompProfile {
  enum class Type { RuntimeDefault, Unconfined, Localhost };
  Type type = Type::Unconfined;
  std::string localhost_profile;  ///< a file below the profiles' directory; for Localhost
};

/// Container `securityContext`. Absent ids leave the pod's, else the image's.
struct SecurityContext {
  std::optional<std::int64_t> run_as_user;
  std::optional<std::int64_t> run_as_group;
  bool read_only_root_filesystem = false;
  bool allow_privilege_escalation = true;  ///< false sets no_new_privs
  bool privileged = false;                 ///< every capability, nothing hidden, the host's devices
  Capabilities capabilities;
  std::optional<bool> run_as_non_root;
  std::optional<SeccompProfile> seccomp_profile;
};

/// `fsGroupChangePolicy`: whether a volume whose root has the group already is walked.
enum class FsGroupChangePolicy { Always, OnRootMismatch };
/// `supplementalGroupsPolicy`: whether the groups that the image's /etc/group gives the user count.
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
