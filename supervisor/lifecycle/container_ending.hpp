// How an instance is ended: its preStop hook, the stop signal, the kill. Pure.
#pragma once

#include <chrono>

#include "supervisor/lifecycle/container_handlers.hpp"

namespace podrun::supervisor {

/// How an instance is told to end.
struct Ending {
  std::chrono::nanoseconds grace;  ///< zero kills at once
  bool awaits_turn = false;        ///< event::Stop::awaits_turn
};

/// Ends an instance that runs. The order is on record before it is carried out: it may be known to nobody else.
void terminate(Life& life, const Ending& how);

/// Kills every process of the container.
void kill(Life& life);

/// Whether the stop signal of an instance is due: it is to end, has not got it, and nothing has to come first.
bool is_signal_due(const ContainerStatus& status);

/// Sends the stop signal if it is due. At least minimum_grace is left from then on.
void signal_if_due(Life& life);

/// Ends a container for good, without a process.
void end(Life& life, bool succeeded);

}  // namespace podrun::supervisor
