// Starts a pod: takes its name, writes what later supervisors need, and becomes pause and supervisor.
#pragma once

#include <cstddef>
#include <string>

#include "supervisor/core/exit_status.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor {

/// A pod to start, and the options.
struct RunRequest {
  Layout layout;
  LoadedPod loaded;        ///< what to run
  std::string program;  ///< absolute path of podrun
  bool detached = false;
  bool raw = false;            ///< PodRecord::raw
  std::string prefix = "";     ///< PodRecord::prefix
  std::size_t name_width = 0;  ///< PodRecord::name_width
};

/// Starts the pod. With -d, returns in the calling process when every container's first exec has succeeded or failed.
/// In the foreground, returns only if the start failed before the pause was forked; otherwise this process becomes the
/// pod.
ExitStatus start_pod(RunRequest request);

}  // namespace podrun::supervisor
