// The pod as a Kubernetes API object, as shown by `ps`, `status`, `-o json` and status.json. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pod/json/value.hpp"
#include "pod/text/result.hpp"
#include "supervisor/logs/cri_log_format.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// `state.waiting`.
struct WaitingView {
  std::string reason;
  std::string message;
};
/// `state.running`.
struct RunningView {
  std::optional<WallTime> started;
};
/// `state.terminated`.
struct TerminatedView {
  int exit_code = 0;
  std::string reason;
  std::string message;  ///< if it has none: the cause
  std::optional<WallTime> started;  ///< empty: the instance never ran
  std::optional<WallTime> finished;
  std::string cause = "";  ///< Termination::cause; not in the JSON
};

/// `status.initContainerStatuses[]` and `status.containerStatuses[]`.
struct ContainerView {
  std::string name;
  pod::ContainerRole role = pod::ContainerRole::App;
  std::string image;
  std::string image_id{};
  bool ready = false;
  int restart_count = 0;
  std::variant<WaitingView, RunningView, TerminatedView> state;
  std::optional<TerminatedView> last_state;  ///< the end of the previous instance
  bool started = false;                      ///< its postStart hook and its startup probe have succeeded
  // What the JSON does not have:
  std::string awaits = "";                       ///< what it waits for: "its readiness probe"
  std::string cause = "";                        ///< ContainerStatus::cause: why it is being ended
  std::optional<WallTime> next_try = std::nullopt;  ///< of a container in back-off
};

/// Whether a record says who is ready: that of an older podrun does not, and there who runs is ready.
bool has_health(const PodStatus& status);

/// What a container that runs waits for before it is ready: "its readiness probe". "" if it is, or does not run.
std::string awaited_by(const PodRecord& record, std::size_t index);

/// Whether the program of an instance of the container was ever executed.
bool has_run(const ContainerView& container);

/// `status.conditions[]`.
struct ConditionView {
  std::string type;
  bool holds = false;
  std::string reason;
  std::string message;
  std::optional<WallTime> changed;
};

/// The Pod as its manifest has it, and what follows from that.
struct GivenPod {
  pod::json::Value metadata;
  pod::json::Value spec;
  std::string qos_class;  ///< `status.qosClass`
};
/// {"metadata":…,"spec":…,"qosClass":…}
std::string to_json(const GivenPod& given);
/// The inverse. What it cannot read is left out: it is for people.
GivenPod parse_given_pod(std::string_view text);

/// `metadata` and `status`.
struct PodView {
  std::string name;
  std::string namespace_name;
  std::string uid;
  std::string phase;
  std::string reason;   ///< `status.reason`: "Dead" if it was killed with its pause, else that of end_reason()
  std::string message;  ///< `status.message`: of the reason
  std::optional<WallTime> created;
  std::optional<WallTime> deletion;  ///< `metadata.deletionTimestamp`: the time at which a stopping pod will be gone
  std::vector<ContainerView> containers;  ///< init containers first
  std::vector<ConditionView> conditions = {};
  std::vector<std::string> pod_ips = {};   ///< `status.podIPs`: those of the host with hostNetwork
  std::vector<std::string> host_ips = {};  ///< `status.hostIPs`
  std::vector<NetworkRecord> networks = {};  ///< not in the JSON; of a pod that has ended there is none
  GivenPod given = {};  ///< empty: of an older podrun. Else the JSON has it

  /// The condition of that type; nullptr: it is not known.
  const ConditionView* condition(std::string_view type) const;
};

/// Converts a record. `now` and `realtime` are the same instant; both are needed if the wall clock was set since the
/// start.
PodView view_of(const PodRecord& record, BootTime now, WallTime realtime);

/// The last view of a pod whose start failed: Failed, for the reason StartError.
PodView view_of_failed_start(const PodRecord& record, const std::string& why, BootTime now, WallTime realtime);

/// {"apiVersion":"v1","kind":"Pod",…}
std::string to_json(const PodView& pod);
/// {"apiVersion":"v1","kind":"List","items":[…]}
std::string to_json(const std::vector<PodView>& pods);
/// The inverse, for one pod.
Result<PodView> parse_pod_json(std::string_view text);

}  // namespace podrun::supervisor
