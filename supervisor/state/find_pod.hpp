// Which pod a NAME on the command line means.
#pragma once

#include <string>

#include "supervisor/core/command_error.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The id of the pod of that name: one that runs, that is dead, or that has left logs. Else NameConflict, with the name
/// that was probably meant. `namespace_name` is -n's, or empty.
CommandResult<std::string> find_pod(const Layout& layout, const std::string& name, const std::string& namespace_name);

}  // namespace podrun::supervisor
