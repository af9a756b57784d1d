// The first start of a pod: claims its name, writes down what a later supervisor needs, and becomes pause and
// supervisor.
#pragma once

#include <cstddef>
#include <string>

#include "supervisor/core/exit_status.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor {

/// How a pod is started.
struct RunRequest {
  Layout layout;
  LoadedPod loaded;        ///< what to run
  std::string program;  ///< absolute path of podrun
  bool detached = false;
  bool raw = false;            ///< PodRecord::raw
  std::string prefix = "";     ///< PodRecord::prefix
  std::size_t name_width = 0;  ///< PodRecord::name_width
};

/// Starts the pod. With -d returns in the calling process when every container's first exec has succeeded or failed;
/// in the foreground returns only when the start failed before there was a pause: this process is the pod from then on.
ExitStatus start_pod(RunRequest request);

}  // namespace podrun::supervisor
