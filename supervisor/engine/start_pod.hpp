// Starts a pod: takes its name, writes what later supervisors need, and becomes pause and supervisor.
#pragma once

#include <cstddef>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "supervisor/core/exit_status.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/history/wait_outcome.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor {

/// A pod to start, and the options.
struct RunRequest {
  Layout layout;
  LoadedPod loaded;        ///< what to run
  std::string program;  ///< absolute path of podrun
  Fd result = {};          ///< -d: the pipe to the caller's process, DetachedStart; else empty
  Awaited wait = Awaited::Started;  ///< -d: what the caller waits for
  bool raw = false;            ///< PodRecord::raw
  std::string prefix = "";     ///< PodRecord::prefix
  std::size_t name_width = 0;  ///< PodRecord::name_width
};

/// Starts the pod: this process becomes the pod. Returns only if the start failed before the pause was forked.
ExitStatus start_pod(RunRequest request);

}  // namespace podrun::supervisor
