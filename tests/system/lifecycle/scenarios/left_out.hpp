// Which scenarios run with real containers.
#pragma once

#include <string>

#include "tests/supervisor/lifecycle/scenarios/scenario.hpp"

namespace podrun::test {

/// Why a scenario runs on the pure lifecycle only. "": it runs with real containers, too.
std::string reason_left_out(const supervisor::Scenario& scenario);

}  // namespace podrun::test
