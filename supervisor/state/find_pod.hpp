// Finds the pod that a name on the command line means.
#pragma once

#include <string>

#include "supervisor/core/command_error.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The id of the pod of that name: a running or dead pod, or one that has left logs. `namespace_name` is the one of -n,
/// or empty. Otherwise the error is NameConflict and suggests a similar name.
CommandResult<std::string> find_pod(const Layout& layout, const std::string& name, const std::string& namespace_name);

}  // namespace podrun::supervisor
