// What a container's standard streams are: pipes, or a terminal.
#pragma once

#include <vector>

#include "pod/compile/compile_mounts.hpp"
#include "pod/compile/compile_process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// The steps for them, on both sides of the clone.
struct Streams {
  std::vector<HostStep> host;
  std::vector<ChildStep> child;
};

/// `stdin`, `stdinOnce` and `tty`. A terminal needs its devpts before the clone: in `view`, the child's mounts, that
/// one takes the place of a new one.
Streams compile_streams(const Container& container, const Identity& identity, std::vector<ChildStep>& view,
                        Descriptors& descriptors);

/// What a plan says of them, for those who attach.
struct AttachableStreams {
  enum class Input {
    None,  ///< there is nothing to be read, or nobody writes
    Open,  ///< as long as the container runs
    Once,  ///< until the first who attached leaves
  } input = Input::None;
  bool terminal = false;

  /// Whether the pause holds an end for the container.
  bool are_kept_open() const { return terminal || input != Input::None; }
};
AttachableStreams attachable_streams(const ContainerPlan& plan);

}  // namespace podrun::pod
