// The manifest of a scenario. Its containers, hooks and probes are actors, which do what the test tells them.
#pragma once

#include <string>

#include "tests/supervisor/lifecycle/scenarios/scenario.hpp"

namespace podrun::test {

/// `image`: has podrun-probe in its PATH. `folder`: of the host; the socket of the test is in it.
std::string manifest_of(const supervisor::Scenario& scenario, const std::string& name, const std::string& image,
                        const std::string& folder);

}  // namespace podrun::test
