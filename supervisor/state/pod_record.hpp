// The record of one run of a pod: the content of state.json while the pod runs, and the source of status.json.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/policies.hpp"
#include "pod/spec/signals.hpp"
#include "pod/text/result.hpp"
#include "supervisor/lifecycle/pod_lifecycle.hpp"
#include "supervisor/state/network_record.hpp"

namespace podrun::pod {
struct Pod;
}

namespace podrun::supervisor {

/// The members of a container's record that are not part of its lifecycle.
struct ContainerRecord {
  std::string name;
  std::string image;
  std::string image_id{};       ///< that of its plan; "" if its image is still to be fetched
  /// Why its image is not there, in Kubernetes' words: ErrImagePull or ImagePullBackOff. "": it is, or it is being fetched
  std::string image_fault{};
  std::string image_message{};  ///< what the registry says
  pod::ContainerRole role = pod::ContainerRole::App;
  pid_t pid = 0;                ///< of the present instance, in the host's PID namespace; 0: no instance
  std::uint64_t pid_started = 0;///< its start in clock ticks: tells a reused pid (field 22 of /proc/PID/stat)
  int stop_signal = pod::default_stop_signal;  ///< that of its plan, for messages
  unsigned revision = 0;        ///< the revision of its plan that the present instance runs; 0: of an older podrun
};

/// The resolved path of each hostPath volume at the pod's start, by the volume's name.
using HostPaths = std::map<std::string, std::string>;
/// The names of the claims that the pod's volumes use, sorted.
std::vector<std::string> claims_of(const pod::Pod& pod);

/// The record of one run of a pod.
struct PodRecord {
  /// The version that is written. 1: a container had one timer, and the pause holds no plans.
  static constexpr int current_version = 2;
  static constexpr int oldest_version = 1;  ///< that is read

  std::string id;  ///< <namespace>_<name>
  std::string name;
  std::string namespace_name;
  std::string uid;
  std::string boot_id;      ///< /proc/sys/kernel/random/boot_id; BootTimes are times of this boot
  std::string program;      ///< absolute path of podrun, used by later supervisors and to find images
  std::string cgroup_base;  ///< ns::cgroup_base at the start
  bool detached = false;    ///< -d
  bool waits_for_ready = false;     ///< --wait=ready: the caller is told when the pod is ready, not when it has started
  bool ready_when_started = false;  ///< podrun.io/systemd-ready: started
  bool raw = false;         ///< --raw: show control sequences of containers unchanged
  std::string prefix;       ///< prefix of its containers' names if several pods share a screen: "web/"; else ""
  std::size_t name_width = 0;  ///< width of the longest name with its prefix on that screen
  std::int64_t started_realtime = 0;  ///< nanoseconds since 1970 at the start
  BootTime started{0};                ///< the same instant on CLOCK_BOOTTIME
  pod::RestartPolicy restart_policy = pod::RestartPolicy::Always;
  HostPaths host_paths;             ///< of a pod of version 1; later, the plan has the resolved paths
  std::vector<std::string> claims;  ///< the claims that it uses, in its namespace
  std::vector<NetworkRecord> networks;  ///< those that connect it to the host
  bool host_network = false;            ///< its containers are in the host's network
  pid_t pause = 0;
  std::uint64_t pause_started = 0;  ///< start time in clock ticks
  pid_t init = 0;                   ///< pid of the pod's init; 0: there is none
  std::uint64_t init_started = 0;
  pid_t supervisor = 0;
  std::vector<ContainerRecord> containers;  ///< in the manifest's order, as status.containers
  PodStatus status;
};

/// The roles of the containers, in their order.
std::vector<pod::ContainerRole> roles_of(const PodRecord& record);
/// The phase of the pod.
Phase phase(const PodRecord& record);

/// Converts to JSON. Each time is written as nanoseconds, which are read back, and as RFC 3339 for people.
std::string to_json(const PodRecord& record);
/// The inverse. Errors: a newer version (EPROTONOSUPPORT), or a text of another form.
Result<PodRecord> parse_record_file(std::string_view text);

}  // namespace podrun::supervisor
