// What is known of one run of a pod: the content of state.json while it runs, the source of status.json after.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"
#include "supervisor/lifecycle/pod_lifecycle.hpp"

namespace podrun::supervisor {

/// What the state file says of a container beside its lifecycle.
struct ContainerRecord {
  std::string name;
  std::string image;
  pid_t pid = 0;                ///< of the present instance, in the host's PID namespace; 0: none
  std::uint64_t pid_started = 0;///< its start in clock ticks: tells a reused pid (field 22 of /proc/PID/stat)
};

/// Where the hostPath of each volume, by its name, led at the pod's start.
using HostPaths = std::map<std::string, std::string>;
HostPaths host_paths_of(const pod::Pod& pod);
/// The names of the claims that its volumes are of, sorted.
std::vector<std::string> claims_of(const pod::Pod& pod);

/// One run of a pod.
struct PodRecord {
  static constexpr int current_version = 1;

  int version = current_version;
  std::string id;  ///< <namespace>_<name>
  std::string name;
  std::string namespace_name;
  std::string uid;
  std::string boot_id;      ///< /proc/sys/kernel/random/boot_id: BootTimes are of this boot
  std::string program;      ///< absolute path of podrun, for a later supervisor and for finding images
  std::string cgroup_base;  ///< ns::cgroup_base at the start
  bool detached = false;    ///< -d
  bool raw = false;         ///< --raw: in the foreground containers' control sequences are shown as they are
  std::string prefix;       ///< on a screen of several pods: before its containers' names, "web/"; else ""
  std::size_t name_width = 0;  ///< there: of the longest name of all pods, each with its prefix
  std::int64_t started_realtime = 0;  ///< nanoseconds since 1970 at the start
  BootTime started{0};                ///< the same instant on CLOCK_BOOTTIME
  pod::RestartPolicy restart_policy = pod::RestartPolicy::Always;
  HostPaths host_paths;
  std::vector<std::string> claims;  ///< of its namespace, that it uses
  pid_t pause = 0;
  std::uint64_t pause_started = 0;  ///< its start in clock ticks
  pid_t init = 0;                   ///< of the pod's init; 0: it has none
  std::uint64_t init_started = 0;
  pid_t supervisor = 0;
  std::vector<ContainerRecord> containers;  ///< in the manifest's order, as status.containers
  PodStatus status;
};

/// As JSON, with every time both as nanoseconds (for us) and RFC 3339 (for people).
std::string to_json(const PodRecord& record);
/// The inverse. A version that is not ours, or a text that is not of this form, is an error.
Result<PodRecord> parse_record_file(std::string_view text);

/// The record in Kubernetes' words, for `ps -o json` and status.json: {"apiVersion":"v1","kind":"Pod","metadata":{…},
/// "status":{"phase":…,"containerStatuses":[…]}}. `now` is CLOCK_BOOTTIME, `realtime` the same instant since 1970.
std::string to_pod_json(const PodRecord& record, BootTime now, std::chrono::nanoseconds realtime);

}  // namespace podrun::supervisor
