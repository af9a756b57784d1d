// What the compiler may know of the host, as data: the same facts and manifest always give the same plan.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pod/spec/rlimit.hpp"

namespace podrun::pod {

/// How the host mounts its control groups.
enum class CgroupLayout {
  None,    ///< no cgroup2 mounted (pure v1): podrun makes a private cgroup2 mount for identity and kill
  Hybrid,  ///< controllers on v1, a cgroup2 beside them
  Pure,    ///< cgroup2 alone
};

/// Facts of the host that a plan, or the decision whether one can run, depends on.
struct HostFacts {
  std::string kernel;              ///< uname release, e.g. "6.1.0-37-amd64"
  std::string machine = "x86_64";  ///< uname machine
  bool kernel_is_new_enough = true;///< Linux ≥ 6.1
  bool root = true;                ///< effective uid 0
  CgroupLayout cgroups = CgroupLayout::Pure;
  std::string cgroup2_mount;       ///< e.g. "/sys/fs/cgroup"; empty with CgroupLayout::None
  std::string own_cgroup;          ///< ours in cgroup2, e.g. "/system.slice/podrun@web.service"
  bool delegated = false;          ///< systemd gave us own_cgroup to divide (Delegate=yes)
  bool overlay_on_storage = true;  ///< /var/lib/podrun can hold an overlay's writable layer
  std::uint64_t capabilities = ~std::uint64_t{0};  ///< those that podrun itself has to give: CapBnd of proc(5)
  unsigned last_capability = 40;   ///< /proc/sys/kernel/cap_last_cap
  /// podrun's own hard limits, by Resource: without CAP_SYS_RESOURCE it can give no more.
  std::array<std::uint64_t, resource_kinds> hard_limits = no_limits();
  std::uint64_t most_open_files = 1 << 20;  ///< /proc/sys/fs/nr_open
  std::uint64_t most_threads = 1 << 17;     ///< /proc/sys/kernel/threads-max
  /// Which of the paths that containers must not see or write this kernel has (mask_candidates() and
  /// readonly_candidates() in compile.hpp), e.g. "/proc/kcore".
  std::set<std::string> sensitive_paths;
  std::vector<std::string> addresses;   ///< the host's own, but for loopback and link-local ones; for the downward API
  std::int64_t processors = 1, memory = 0, storage_bytes = 0;  ///< what a container without limits may use
  std::map<std::string, std::string> seccomp_profiles;  ///< texts of `Localhost` profiles that the pod names, by path
  std::string hostname;            ///< uname nodename: what pods with hostNetwork are called
  std::string hosts;               ///< the text of the host's /etc/hosts, for them as well
  std::string resolv_conf;         ///< the text of the host's /etc/resolv.conf
};

}  // namespace podrun::pod
