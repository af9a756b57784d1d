// What the pause knows. No heap.
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "namespaces/pause/pause_protocol.hpp"
#include "namespaces/pause/registry.hpp"
#include "namespaces/pause/stop_signals.hpp"
#include "namespaces/pause/watchdog.hpp"

namespace podrun::pause {

/// The state of the pause.
struct Pause {
  int socket = socket_fd;
  pid_t supervisor = 0;  // 0: none, so another must be started
  bool adopted = false;  // the current supervisor has adopted what the pause holds
  int delay_ms = 0;      // before the next supervisor; grows while they die before adopting
  char** argv = nullptr;
  char** command = nullptr;
  int host_namespaces[4] = {};
  int32_t steps_done = 0;
  bool step_failed = false;    // the steps after it are refused
  bool own_mounts = false;     // without them, Root would detach the host's root
  int init = -1;               // pidfd of the pod's init, if it has one
  bool leaving = false;        // the supervisor ends the pod
  bool ask_due = false;        // there was work before the supervisor could be asked
  pid_t unregistered_child = 0;  // the one that was reported to the supervisor
  StopSignals stops;             // INT, TERM, HUP so far
  int64_t previous_exit = 0;     // Ended
  Watchdog watchdog;
  Registry kept;
};

/// Asks the supervisor whether it works, because there is work for it: at once, or when it has adopted.
void ask(Pause& pause);

/// CLOCK_BOOTTIME in nanoseconds.
int64_t boottime_now();

}  // namespace podrun::pause
