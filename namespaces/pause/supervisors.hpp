// Starts supervisors, one after another. No heap.
#pragma once

#include <signal.h>

#include "namespaces/pause/pause.hpp"

namespace podrun::pause {

/// `pid` is the supervisor from now on, at the other end of `socket`.
void take_supervisor(Pause& pause, int socket, pid_t pid);

/// Starts another supervisor. If that fails, there is still none.
void start_supervisor(Pause& pause);

/// Handles the end of the supervisor. The next one is started after Pause::delay_ms.
void supervisor_died(Pause& pause, const siginfo_t& end);

}  // namespace podrun::pause
