// The commands that ask what a pod does, and why: one function each, in a file of its own.
#pragma once

#include "supervisor/cli/invocation.hpp"
#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor::commands {

ExitStatus status(const Invocation& invocation);
ExitStatus events(const Invocation& invocation);
ExitStatus why(const Invocation& invocation);
ExitStatus network(const Invocation& invocation);
ExitStatus wait(const Invocation& invocation);

}  // namespace podrun::supervisor::commands
