// The hooks of an instance. A sleep is a timer; every other hook is action::RunHook.
#include "supervisor/lifecycle/container_hooks.hpp"

#include <algorithm>

#include "supervisor/lifecycle/container_ending.hpp"
#include "supervisor/lifecycle/container_probes.hpp"

namespace podrun::supervisor {
namespace {

using pod::HookKind;

HookStage& its_stage(Life& life, HookKind kind) {
  return kind == HookKind::PostStart ? life.next.post_start : life.next.pre_stop;
}

bool sleeps(const Life& life, HookKind kind) {
  return life.policy.hooks[kind] && life.policy.hooks[kind]->sleep;
}

/// Begins a hook, which is on record. That it was begun is put on record after it was: no command is taken from the
/// register before that, so that the next supervisor knows whether a command that is not there was ever started.
void begin(Life& life, HookKind kind) {
  its_stage(life, kind) = HookStage::Running;
  if (!sleeps(life, kind)) {
    life.act(action::RunHook{kind});
    return life.act(action::Record{});
  }
  life.arm(TimerName::Hook, life.now + std::min(*life.policy.hooks[kind]->sleep, longest_grace));
}

void post_start_ended(Life& life, bool succeeded, const std::string& message) {
  if (life.next.state != ContainerState::Running) return life.act(action::Record{});
  life.next.first_attempt_failed |= !life.next.first_attempt_settled && !succeeded;
  life.next.first_attempt_settled = true;
  if (succeeded) {
    start_if_all_is_done(life);
    return life.act(action::Record{});
  }
  life.next.cause = "postStart hook failed" + (message.empty() ? "" : ": " + message);
  terminate(life, {.grace = std::max(life.policy.grace, std::chrono::nanoseconds{1})});
}

}  // namespace

void begin_post_start(Life& life) {
  if (life.policy.hooks[HookKind::PostStart]) return begin(life, HookKind::PostStart);
  life.next.first_attempt_settled = true;
  start_if_all_is_done(life);
}

void begin_pre_stop(Life& life, std::chrono::nanoseconds grace) {
  if (!life.policy.hooks[HookKind::PreStop] || life.next.pre_stop != HookStage::None) return;
  if (grace >= minimum_hook_time) begin(life, HookKind::PreStop);
}

void end_hook(Life& life, HookKind kind, bool succeeded, const std::string& message) {
  HookStage& stage = its_stage(life, kind);
  if (stage != HookStage::Running) return;
  stage = succeeded ? HookStage::Succeeded : HookStage::Failed;
  if (kind == HookKind::PostStart) return post_start_ended(life, succeeded, message);
  life.act(action::Record{});
  signal_if_due(life);
}

HookStage stage_of(const ContainerStatus& status, HookKind kind) {
  return kind == HookKind::PostStart ? status.post_start : status.pre_stop;
}

bool is_held_by_post_start(const ContainerStatus& status) {
  return is_alive(status.state) && status.started != BootTime{0} &&
         (status.post_start == HookStage::Running || status.post_start == HookStage::Failed);
}

namespace handlers {

void hooked(Life& life, const Event& event) {
  const auto& ended = std::get<event::HookEnded>(event);
  if (ended.instance == life.next.instance) end_hook(life, ended.kind, ended.succeeded, ended.message);
}

void slept(Life& life, const Event&) {
  life.next.timers.cancel(TimerName::Hook);
  const bool is_pre_stop = life.next.pre_stop == HookStage::Running && sleeps(life, HookKind::PreStop);
  end_hook(life, is_pre_stop ? HookKind::PreStop : HookKind::PostStart, true, "");
}

}  // namespace handlers
}  // namespace podrun::supervisor
