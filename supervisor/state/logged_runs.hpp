// The runs of pods that have logs: /var/log/pods/<namespace>_<name>_<uid>.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// One run of a pod, which may still go on.
struct LoggedRun {
  std::string id;  ///< <namespace>_<name>
  std::string uid;
  std::chrono::nanoseconds written;  ///< when, since 1970: runs of one pod follow each other, so this orders them
};

/// All of them, the newest first. A link in the place of one is none.
std::vector<LoggedRun> logged_runs(const Layout& layout);

}  // namespace podrun::supervisor
