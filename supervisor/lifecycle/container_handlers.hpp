// What the cells of a container's table do: one function for each kind of cell.
#pragma once

#include <string_view>
#include <vector>

#include "supervisor/lifecycle/container_lifecycle.hpp"

namespace podrun::supervisor {

/// A transition under construction.
struct Life {
  const ContainerPolicy& policy;
  BootTime now;
  ContainerStatus next;
  std::vector<Action> actions;

  void act(Action action);
  /// Sets a timer, and has it armed.
  void arm(TimerName name, BootTime due);
};

/// Termination::cause of a container that ends because another one has ended.
inline constexpr std::string_view owner_has_ended = "the container whose namespaces it uses has ended";

/// The handlers that the cells of the table name. Each changes the status and adds the actions that follow.
namespace handlers {
// ---- container_handlers.cpp: starts and exits ----
void start(Life& life, const Event& event);
void begin(Life& life, const Event& event);
/// The container was killed before its exec was reported.
void began(Life& life, const Event& event);
void no_exec(Life& life, const Event& event);
void exited(Life& life, const Event& event);
/// The instance's number is used again, unless the pod stops.
void closed(Life& life, const Event& event);
/// The instance was killed at its gate: its exit status is not known.
void lost(Life& life, const Event& event);
void retry(Life& life, const Event& event);
/// Without a process: it waits again for its first start, as all others do.
void reset(Life& life, const Event& event);

// ---- container_ending.cpp: how an instance is told to end ----
/// The grace period is over: what has not got its stop signal gets it, the others are killed.
void timeout(Life& life, const Event& event);
/// The container never did its work, so it has not succeeded.
void not_run(Life& life, const Event& event);
void stop(Life& life, const Event& event);
/// Starting: a PID 1 without a handler ignores SIGTERM, so the signal waits for the exec, but the grace period runs
/// from now. Stopping: the earlier of the two times holds, and a sidecar's turn may have come.
void stop_by(Life& life, const Event& event);
/// It is being killed already, and would have been restarted: no next instance follows.
void no_next(Life& life, const Event& event);
/// The container's final result is that of its last instance.
void give_up(Life& life, const Event& event);
/// It is killed, as the container whose mounts or PID namespace it uses has ended.
void killed(Life& life, const Event& event);
/// It is killed, and then starts again with all others.
void again(Life& life, const Event& event);

// ---- container_hooks.cpp and container_probes.cpp: the machines beside the instance ----
/// A hook that was run has ended.
void hooked(Life& life, const Event& event);
/// A hook that sleeps has slept.
void slept(Life& life, const Event& event);
/// A probe has another verdict.
void verdict(Life& life, const Event& event);
}  // namespace handlers

}  // namespace podrun::supervisor
