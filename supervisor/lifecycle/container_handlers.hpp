// What the cells of a container's table do: one function for each kind of cell.
#pragma once

#include <vector>

#include "supervisor/lifecycle/container_lifecycle.hpp"

namespace podrun::supervisor {

/// A transition under construction.
struct Life {
  const ContainerPolicy& policy;
  BootTime now;
  ContainerStatus next;
  std::vector<Action> actions;
};

/// The handlers that the cells of the table name. Each changes the status and adds the actions that follow.
namespace handlers {
void start(Life& life, const Event& event);
void begin(Life& life, const Event& event);
/// The container was killed before its exec was reported.
void began(Life& life, const Event& event);
void no_exec(Life& life, const Event& event);
void exited(Life& life, const Event& event);
/// The instance's number is used again, unless the pod stops.
void gate_closed(Life& life, const Event& event);
/// The instance was killed at its gate: its exit status is not known.
void lost_at_gate(Life& life, const Event& event);
void retry(Life& life, const Event& event);
void timeout(Life& life, const Event& event);
/// The container never did its work, so it has not succeeded.
void never_run(Life& life, const Event& event);
void stop(Life& life, const Event& event);
/// Starting: a PID 1 without a handler ignores SIGTERM, so the signal waits for the exec, but the grace period runs
/// from now. Stopping: SIGTERM was sent already; the earlier of the two times holds.
void stop_by(Life& life, const Event& event);
/// The container was being killed because it is unhealthy and would have been restarted; the stop prevents that.
void no_restart(Life& life, const Event& event);
/// The container's final result is that of its last instance.
void give_up(Life& life, const Event& event);
void replace(Life& life, const Event& event);
void owner_ended(Life& life, const Event& event);
}  // namespace handlers

}  // namespace podrun::supervisor
