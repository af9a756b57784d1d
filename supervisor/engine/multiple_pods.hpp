// Runs several pods of one command.
#pragma once

#include <vector>

#include "supervisor/core/exit_status.hpp"
#include "supervisor/engine/start_pod.hpp"

namespace podrun::supervisor {

/// Starts each pod in a child process, which becomes the pause, with a process group of its own, and waits for all of
/// them. INT, TERM and HUP are passed on, from a terminal or another process. If this process dies, the pods stop. A
/// pod that cannot start does not prevent the others from running. Returns the greatest of the exit statuses.
ExitStatus run_pods_in_parallel(std::vector<RunRequest> requests);

/// Starts the pods with -d, some at the same time, and prints the names, warnings and errors in the order of the
/// requests. Returns the greatest of the exit statuses.
ExitStatus start_pods_detached(std::vector<RunRequest> requests);

}  // namespace podrun::supervisor
