// Compiles the standard streams of a container: pipes or a terminal.
#pragma once

#include <vector>

#include "pod/compile/compile_mounts.hpp"
#include "pod/compile/compile_process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// The steps for the streams.
struct Streams {
  std::vector<HostStep> host;
  std::vector<ChildStep> child;
};

/// The steps for `stdin`, `stdinOnce` and `tty`. The devpts of a terminal is made before the clone; in `view`, the
/// mounts of the child, it replaces the MountPts step.
Streams compile_streams(const Container& container, const Identity& identity, std::vector<ChildStep>& view,
                        Descriptors& descriptors);

/// The streams of a plan to which clients can attach.
struct AttachableStreams {
  enum class Input {
    None,  ///< stdin is empty
    Open,  ///< stdin is open as long as the container runs
    Once,  ///< stdin is open until the first attached client detaches
  } input = Input::None;
  bool terminal = false;

  /// Whether the pause holds an end of the container's stdin or terminal.
  bool are_kept_open() const { return terminal || input != Input::None; }
};
AttachableStreams attachable_streams(const ContainerPlan& plan);

}  // namespace podrun::pod
