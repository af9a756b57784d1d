// Runs a scenario on the pure lifecycle, with a virtual clock.
#pragma once

#include <string>
#include <vector>

#include "tests/supervisor/lifecycle/scenarios/scenario.hpp"

namespace podrun::supervisor {

/// What happened and what the pod did, as lines of the language. The text of a line that is not understood is a fault.
struct ScenarioRun {
  std::vector<ScenarioLine> lines;
  std::vector<std::string> faults;
};

/// Runs a scenario until the time of its last line.
ScenarioRun run_on_machine(const Scenario& scenario);

}  // namespace podrun::supervisor
