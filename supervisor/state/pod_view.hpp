// The pod as a Kubernetes API object, as shown by `ps`, `ps -o json` and status.json. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

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
  std::string message;
  std::optional<WallTime> started;  ///< empty: the instance never ran
  std::optional<WallTime> finished;
};

/// `status.initContainerStatuses[]` and `status.containerStatuses[]`.
struct ContainerView {
  std::string name;
  pod::ContainerRole role = pod::ContainerRole::App;
  std::string image;
  bool ready = false;
  int restart_count = 0;
  std::variant<WaitingView, RunningView, TerminatedView> state;
  std::optional<TerminatedView> last_state;  ///< the end of the previous instance
};

/// Whether the program of an instance of the container was ever executed.
bool has_run(const ContainerView& container);

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
