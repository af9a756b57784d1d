// Several pods of one command.
#pragma once

#include <vector>

#include "supervisor/exit_status.hpp"
#include "supervisor/first_run.hpp"

namespace podrun::supervisor {

/// Starts each pod in a process of its own, which becomes its pause, and waits for all of them. One Ctrl-C reaches them all
/// (they are in this process group); a signal that is sent to this process alone is passed on, and if it dies, they stop. One
/// that cannot start does not keep the others from running. Returns the greatest of their exit statuses.
ExitStatus run_side_by_side(std::vector<RunRequest> requests);

/// The same with -d: one after the other, each behind the caller's back.
ExitStatus start_one_by_one(std::vector<RunRequest> requests);

}  // namespace podrun::supervisor
