// The hooks of an instance: two small machines beside the table, whose stages are in the status. Pure.
#pragma once

#include <chrono>
#include <string>

#include "supervisor/lifecycle/container_handlers.hpp"

namespace podrun::supervisor {

/// Begins the postStart hook of an instance whose exec has succeeded and is on record; without one the instance is
/// started, unless a startup probe has to succeed first.
void begin_post_start(Life& life);

/// Begins the preStop hook of an instance that is to end within `grace`, if there is one and enough time, and it has
/// not begun before. That the instance is to end is on record.
void begin_pre_stop(Life& life, std::chrono::nanoseconds grace);

/// Notes the end of a hook that runs, and does what has waited for it.
void end_hook(Life& life, pod::HookKind kind, bool succeeded, const std::string& message);

/// The stage of a hook.
HookStage stage_of(const ContainerStatus& status, pod::HookKind kind);

/// Whether Kubernetes shows an instance as waiting although its program runs: until its postStart hook has succeeded.
/// The reason is ContainerCreating, or PostStartHookError if the hook has failed.
bool is_held_by_post_start(const ContainerStatus& status);

}  // namespace podrun::supervisor
