// Lists the runs of pods that have logs: /var/log/pods/<namespace>_<name>_<uid>.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

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

/// The final status of the run that holds the lock of a pod, as JSON: it has ended, and removes what is left of it.
/// Empty if it has not ended, or if nobody holds the lock.
std::optional<std::string> final_status_of_leaving(const Layout& layout, const std::string& id);

}  // namespace podrun::supervisor
