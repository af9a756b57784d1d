// Lists the runs of pods that have logs: /var/log/pods/<namespace>_<name>_<uid>.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// A run of a pod, ended or not.
struct LoggedRun {
  std::string id;  ///< <namespace>_<name>
  std::string uid;
  /// Time of the last write, since 1970. It orders the runs of a pod, which do not overlap.
  std::chrono::nanoseconds written;
};

/// All runs, newest first. Symbolic links are ignored.
std::vector<LoggedRun> logged_runs(const Layout& layout);

/// The uid of a pod's present or last run; "" if there is none. For a pod that runs this is not the one whose logs were
/// changed last: a start removes old logs.
std::string last_run_of(const Layout& layout, const std::string& id);

/// The final status in the folder of a run's logs, status.json. ENOENT: the run has not ended, or was killed.
Result<std::string> read_final_status(const ns::DirectoryHandle& folder);

/// The final status of the run that holds the lock of a pod, as JSON: it has ended, and removes what is left of it.
/// Empty if it has not ended, or if nobody holds the lock.
std::optional<std::string> final_status_of_leaving(const Layout& layout, const std::string& id);

}  // namespace podrun::supervisor
