// Several pods of one command.
#pragma once

#include <vector>

#include "supervisor/core/exit_status.hpp"
#include "supervisor/engine/start_pod.hpp"

namespace podrun::supervisor {

/// Starts each pod in a process of its own, which becomes its pause, in a process group of its own, and waits for all
/// of them. INT, TERM and HUP that this process gets, a terminal's or anybody's, are passed on; if it dies, the pods
/// stop. One that cannot start does not keep the others from running. Returns the greatest of their exit statuses.
ExitStatus run_pods_in_parallel(std::vector<RunRequest> requests);

/// The same with -d: one after the other, each behind the caller's back.
ExitStatus start_pods_in_sequence(std::vector<RunRequest> requests);

}  // namespace podrun::supervisor
