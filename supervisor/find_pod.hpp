// Which pod a NAME on the command line means.
#pragma once

#include <string>

#include "supervisor/layout.hpp"
#include "supervisor/options.hpp"
#include "supervisor/refusal.hpp"

namespace podrun::supervisor {

/// The id of the pod that the first operand names: one that runs, that is dead, or that has left logs. Else
/// NameConflict, with the name that was probably meant.
OrRefusal<std::string> find_pod(const Layout& layout, const Options& options);

}  // namespace podrun::supervisor
