// Runs a scenario with real containers.
#pragma once

#include <string>
#include <vector>

#include "tests/supervisor/lifecycle/scenarios/scenario.hpp"
#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

/// How a run went.
struct ScenarioOutcome {
  std::vector<std::string> faults;
  bool was_disturbed = false;  ///< this process did not run for so long that times mean nothing
};

/// Runs it in real time. `image` has podrun-probe in its PATH, `name` is the pod's. Several may run at the same time,
/// in threads.
ScenarioOutcome run_with_containers(const TemporaryRoot& root, const supervisor::Scenario& scenario,
                                    const std::string& image, const std::string& name);

}  // namespace podrun::test
