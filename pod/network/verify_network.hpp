// The invariant of a network's steps.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "pod/network/network_steps.hpp"

namespace podrun::pod {

/// The step that violates an invariant, or the number of steps, and an explanation.
struct NetworkViolation {
  std::size_t step = 0;
  std::string how;
};

/// Verifies one network: it has an address; a link, both its ends, and then the filters are made, each once and with the
/// same interface and addresses; what lets traffic pass, and what answers, comes after the filter.
std::optional<NetworkViolation> violation_of(const NetworkPlan& network);

}  // namespace podrun::pod
