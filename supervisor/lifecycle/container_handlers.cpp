// What the cells of a container's table do.
#include "supervisor/lifecycle/container_handlers.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "supervisor/lifecycle/container_ending.hpp"
#include "supervisor/lifecycle/container_hooks.hpp"

namespace podrun::supervisor {
namespace {

void launch(Life& life) {
  const int instance = life.next.never_ran ? life.next.instance : life.next.instance + 1;
  life.next = launched(std::move(life.next), instance);
  life.act(action::Launch{instance});
}

void note_exec(Life& life) {
  life.next.started = life.now;
  life.next.ever_started = true;
}

std::string_view reason_of(const Life& life, const event::Exited& exit) {
  if (life.next.restarting) return "RestartingAllContainers";
  if (exit.is_lost) return "ContainerStatusUnknown";
  if (exit.oom_killed) return "OOMKilled";
  return exit.exit_code == 0 ? "Completed" : "Error";
}

Termination termination(const Life& life, const event::Exited& exit) {
  if (const auto& error = life.next.pending_start_error) {
    Termination failed = *error;
    failed.finished = life.now;
    failed.cause = life.next.cause;
    return failed;
  }
  return {.exit_code = exit.exit_code,
          .reason = std::string(reason_of(life, exit)),
          .message = exit.message,
          .cause = life.next.cause,
          .started = life.next.started,
          .finished = life.now};
}

bool matches(const pod::RestartRule& rule, int exit_code) {
  const bool is_listed = std::ranges::find(rule.values, exit_code) != rule.values.end();
  return is_listed == (rule.exit_codes == pod::RestartRule::Operator::In);
}

/// The rule that holds for an exit code: the first one that matches. As for the kubelet, none does after a failed probe,
/// unless the policy is Never: it decides on that restart before there is an exit code. Nor does a rule start an init
/// container again that has succeeded.
const pod::RestartRule* rule_for(const Life& life, int exit_code) {
  if (life.next.unhealthy && life.policy.restart != pod::RestartPolicy::Never) return nullptr;
  const auto rule = std::ranges::find_if(life.policy.rules, [&](const auto& each) { return matches(each, exit_code); });
  if (rule == life.policy.rules.end()) return nullptr;
  const bool has_succeeded = life.policy.succeeds_once && exit_code == 0;
  return has_succeeded && rule->action == pod::RestartRule::Action::Restart ? nullptr : &*rule;
}

/// Decides whether a container that ended is restarted while the pod goes on. An unhealthy one has failed, as for the
/// kubelet, whatever its exit code.
bool wants_restart(const Life& life, int exit_code) {
  if (rule_for(life, exit_code)) return true;
  switch (life.policy.restart) {
    case pod::RestartPolicy::Always:
      return true;
    case pod::RestartPolicy::OnFailure:
      return exit_code != 0 || life.next.unhealthy;
    case pod::RestartPolicy::Never:
      return false;
  }
  return false;
}

/// A restart that is due at once needs no timer: the pod's decisions follow each event.
void restart(Life& life, int exit_code) {
  const NextRestart restart = next_restart(life.policy.backoff, life.next.backoff, life.now);
  const pod::RestartRule* const rule = rule_for(life, exit_code);
  life.next.restarts_all = rule && rule->action == pod::RestartRule::Action::RestartAllContainers;
  life.next.backoff = restart.backoff;
  life.next.state = ContainerState::Backoff;
  life.act(action::Record{});
  life.act(action::Reap{});
  if (restart.due > life.now) life.arm(TimerName::Backoff, restart.due);
  else life.next.timers.set(TimerName::Backoff, restart.due);
}

/// It runs no more: nothing of the instance counts but how it ended.
void forget_instance(Life& life) {
  ContainerStatus& next = life.next;
  next.pending_start_error.reset();
  next.is_started = next.ready = next.awaits_turn = next.signalling = next.ending = false;
  next.cause.clear();
  next.timers.cancel(TimerName::Grace);
  next.timers.cancel(TimerName::Hook);
}

}  // namespace

void Life::act(Action action) { actions.push_back(std::move(action)); }

void Life::arm(TimerName name, BootTime due) {
  next.timers.set(name, due);
  act(action::Arm{.name = name, .due = due, .generation = next.timers[name].generation});
}

namespace handlers {

void start(Life& life, const Event&) {
  // All containers were restarted, and this one had to wait for its back-off as well.
  if (life.next.timers[TimerName::Backoff].due && !life.next.never_ran) life.next.backoff.last_restart = life.now;
  launch(life);
}

void begin(Life& life, const Event&) {
  note_exec(life);
  life.next.state = life.next.stop_requested ? ContainerState::Stopping : ContainerState::Running;
  life.act(action::Record{});
  if (!life.next.stop_requested) return begin_post_start(life);
  life.next.first_attempt_settled = true;
  begin_pre_stop(life, life.next.timers[TimerName::Grace].due.value_or(life.now) - life.now);  // it runs since the stop
  signal_if_due(life);
}

void began(Life& life, const Event&) {
  note_exec(life);
  life.next.first_attempt_settled = true;
}

void no_exec(Life& life, const Event& event) {
  life.next.first_attempt_failed |= !life.next.first_attempt_settled;
  life.next.first_attempt_settled = true;
  life.next.pending_start_error = Termination{.exit_code = 128,
                                              .reason = "StartError",
                                              .message = std::get<event::ExecFailed>(event).message,
                                              .cause = "",
                                              .started = {},
                                              .finished = life.now};
}

void exited(Life& life, const Event& event) {
  const Termination ended = termination(life, std::get<event::Exited>(event));
  life.next.last = ended;
  life.next.first_attempt_failed |= !life.next.first_attempt_settled && !life.next.stop_requested;
  life.next.first_attempt_settled = true;
  forget_instance(life);
  const bool is_restarting = life.next.restarting && !life.next.stop_requested;
  if (!is_restarting && !life.next.stop_requested && wants_restart(life, ended.exit_code))
    return restart(life, ended.exit_code);
  if (is_restarting) reset(life, event);
  else end(life, ended.exit_code == 0);
  life.act(action::Record{});
  life.act(action::Reap{});
}

void closed(Life& life, const Event&) {
  if (life.next.stop_requested) {
    no_exec(life, event::ExecFailed{"stopped before its program began"});
    return exited(life, event::Exited{128});
  }
  life.next.never_ran = true;
  life.next.state = ContainerState::Backoff;
  life.next.timers.cancel(TimerName::Grace);
  life.next.timers.set(TimerName::Backoff, life.now);
  life.act(action::Reap{});
}

void lost(Life& life, const Event&) { exited(life, event::Exited{lost_exit_code}); }

void retry(Life& life, const Event&) {
  // The timer may have expired late: the machine was suspended. A launch whose program never ran was no restart.
  if (!life.next.never_ran) life.next.backoff.last_restart = life.now;
  launch(life);
}

void reset(Life& life, const Event&) {
  life.next.state = ContainerState::Waiting;
  life.next.was_started = life.next.restarting = life.next.restarts_all = false;
}

}  // namespace handlers
}  // namespace podrun::supervisor
