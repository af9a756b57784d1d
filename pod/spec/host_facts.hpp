// The facts of the host that the compiler uses, as data. The same facts and manifest always compile to the same plan.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pod/network/network_config.hpp"
#include "pod/spec/rlimit.hpp"

namespace podrun::pod {

/// The host's cgroup hierarchies.
enum class CgroupLayout {
  None,    ///< no cgroup2 is mounted (pure v1): podrun mounts one privately to identify and kill processes
  Hybrid,  ///< controllers on v1, a cgroup2 beside them
  Pure,    ///< cgroup2 alone
};

/// Facts of the host on which a plan, or whether a pod can run at all, depends.
struct HostFacts {
  std::string kernel;              ///< release of uname(2), e.g. "6.1.0-37-amd64"
  std::string machine = "x86_64";  ///< machine of uname(2)
  bool kernel_is_new_enough = true;///< Linux ≥ 6.1
  bool root = true;                ///< effective uid 0
  CgroupLayout cgroups = CgroupLayout::Pure;
  std::string cgroup2_mount;       ///< e.g. "/sys/fs/cgroup"; empty with CgroupLayout::None
  std::string own_cgroup;          ///< podrun's group in cgroup2, e.g. "/system.slice/podrun@web.service"
  bool delegated = false;          ///< systemd delegates own_cgroup to podrun (Delegate=yes)
  bool overlay_on_storage = true;  ///< the file system of /var/lib/podrun supports an overlay's writable layer
  std::uint64_t capabilities = ~std::uint64_t{0};  ///< podrun's bounding set, CapBnd of proc(5)
  unsigned last_capability = 40;   ///< /proc/sys/kernel/cap_last_cap
  /// podrun's hard limits by Resource. Without CAP_SYS_RESOURCE it cannot raise them.
  std::array<std::uint64_t, resource_kinds> hard_limits = no_limits();
  std::uint64_t most_open_files = 1 << 20;  ///< /proc/sys/fs/nr_open
  std::uint64_t most_threads = 1 << 17;     ///< /proc/sys/kernel/threads-max
  /// The paths of mask_candidates() and readonly_candidates() in compile.hpp that exist on this host: "/proc/kcore".
  std::set<std::string> sensitive_paths;
  std::vector<std::string> addresses;  ///< the host's addresses without loopback and link-local; for the downward API
  std::int64_t processors = 1, memory = 0, storage_bytes = 0;  ///< what a container without limits can use
  std::map<std::string, std::string> seccomp_profiles;         ///< texts of the pod's `Localhost` profiles, by path
  std::string hostname;     ///< nodename of uname(2): the host name of pods with hostNetwork
  std::string hosts;        ///< text of the host's /etc/hosts, for pods with hostNetwork
  std::string resolv_conf;  ///< text of the host's /etc/resolv.conf
  NetworkFacts network;

  // Defined in host_facts.cpp: compiled once, not in each unit that holds one.
  HostFacts();
  HostFacts(const HostFacts&);
  HostFacts(HostFacts&&) noexcept;
  HostFacts& operator=(const HostFacts&);
  HostFacts& operator=(HostFacts&&) noexcept;
  ~HostFacts();
};

}  // namespace podrun::pod
