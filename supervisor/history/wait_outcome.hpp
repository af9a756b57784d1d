// Whether what somebody waits for has come about. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// What can be waited for.
enum class Awaited : std::uint8_t {
  Nothing,    ///< --wait=none
  Started,    ///< each container's first program runs or has failed
  Ready,      ///< the condition Ready
  Completed,  ///< the pod has ended
  Deleted,    ///< nothing of it is left but its logs
};

/// How it stands with that.
struct WaitOutcome {
  enum class State : std::uint8_t { NotYet, Met, Never } state;
  std::string why;  ///< of Never: the end of a sentence
};

/// For Ready and Completed. A pod that has ended, is being stopped, or has a container that has ended for good is never
/// ready any more. One that was stopped on request has completed like one that has succeeded; one that has failed never
/// completes.
WaitOutcome outcome_of(const PodView& pod, Awaited awaited);

/// The condition Ready.
bool is_ready(const PodView& pod);

}  // namespace podrun::supervisor
