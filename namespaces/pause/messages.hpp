// Handles the messages of the supervisor. No heap.
#pragma once

#include "namespaces/pause/pause.hpp"

namespace podrun::pause {

/// Handles everything that is in the socket. What a supervisor has sent counts, also after its death.
void read_messages(Pause& pause);

/// Tells the supervisor, once, of each registered command that has ended. One that has not adopted yet is told when it
/// has.
void report_ended_commands(Pause& pause);

}  // namespace podrun::pause
