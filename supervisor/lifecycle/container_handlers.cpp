// What the cells of a container's table do.
#include "supervisor/lifecycle/container_handlers.hpp"

#include <algorithm>
#include <utility>

namespace podrun::supervisor {
namespace {

void act(Life& life, Action action) {
  life.actions.push_back(action);
}

void arm(Life& life, TimerName name, BootTime due) {
  life.next.timers.set(name, due);
  act(life, action::Arm{.name = name, .due = due, .generation = life.next.timers[name].generation});
}

void launch(Life& life) {
  const int instance = life.next.never_ran ? life.next.instance : life.next.instance + 1;
  life.next = launched(std::move(life.next), instance);
  act(life, action::Launch{instance});
}

void end(Life& life, bool succeeded) {
  life.next.state = succeeded ? ContainerState::Completed : ContainerState::Failed;
  life.next.timers.cancel_all();
  life.next.ending = false;
}

void kill(Life& life) {
  life.next.state = ContainerState::Killing;
  life.next.timers.cancel(TimerName::Grace);
  act(life, action::Record{});
  act(life, action::Kill{});
}

BootTime end_of_grace(const Life& life, std::chrono::nanoseconds grace) {
  return life.now + std::clamp(grace, minimum_grace, longest_grace);
}

/// Sends SIGTERM once to an instance: some programs take a second one as an order to end at once.
void send_term(Life& life) {
  if (life.next.signalled) return;
  act(life, action::Terminate{});
  act(life, action::Record{});
}

/// The stop is on record before the signal is sent: it may be known to nobody else. That the signal was sent follows.
void terminate(Life& life, std::chrono::nanoseconds grace) {
  if (grace <= grace.zero()) return kill(life);
  life.next.state = ContainerState::Stopping;
  act(life, action::Record{});
  send_term(life);
  arm(life, TimerName::Grace, end_of_grace(life, grace));
}

void note_exec(Life& life) {
  life.next.started = life.now;
  life.next.ever_started = true;
  life.next.first_attempt_settled = true;
}

Termination termination(const Life& life, const event::Exited& exit) {
  if (const auto& error = life.next.pending_start_error) {
    Termination failed = *error;
    failed.finished = life.now;
    return failed;
  }
  return {.exit_code = exit.exit_code,
          .reason = exit.exit_code == 0 ? "Completed" : "Error",
          .message = exit.message,
          .started = life.next.started,
          .finished = life.now};
}

bool matches(const pod::RestartRule& rule, int exit_code) {
  const bool is_listed = std::ranges::find(rule.values, exit_code) != rule.values.end();
  return is_listed == (rule.exit_codes == pod::RestartRule::Operator::In);
}

/// Decides whether a container that ended is restarted while the pod goes on. An unhealthy one has failed, as for the
/// kubelet, whatever its exit code.
bool wants_restart(const Life& life, int exit_code) {
  const auto is_its = [&](const pod::RestartRule& rule) { return matches(rule, exit_code); };
  if (std::ranges::any_of(life.policy.rules, is_its)) return true;
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
void restart(Life& life) {
  const NextRestart restart = next_restart(life.policy.backoff, life.next.backoff, life.now);
  life.next.backoff = restart.backoff;
  life.next.state = ContainerState::Backoff;
  life.next.timers.cancel(TimerName::Grace);
  life.next.ending = false;
  act(life, action::Record{});
  act(life, action::Reap{});
  if (restart.due > life.now) arm(life, TimerName::Backoff, restart.due);
  else life.next.timers.set(TimerName::Backoff, restart.due);
}

}  // namespace

namespace handlers {

void start(Life& life, const Event&) {
  launch(life);
}

void begin(Life& life, const Event&) {
  note_exec(life);
  life.next.state = life.next.stop_requested ? ContainerState::Stopping : ContainerState::Running;
  act(life, action::Record{});
  if (life.next.stop_requested) send_term(life);  // its grace period runs since the stop
}

void began(Life& life, const Event&) {
  note_exec(life);
}

void no_exec(Life& life, const Event& event) {
  life.next.first_attempt_settled = true;
  life.next.pending_start_error = Termination{.exit_code = 128,
                                              .reason = "StartError",
                                              .message = std::get<event::ExecFailed>(event).message,
                                              .started = {},
                                              .finished = life.now};
}

void exited(Life& life, const Event& event) {
  const Termination ended = termination(life, std::get<event::Exited>(event));
  life.next.last = ended;
  life.next.pending_start_error.reset();
  life.next.first_attempt_settled = true;
  if (!life.next.stop_requested && wants_restart(life, ended.exit_code)) return restart(life);
  end(life, ended.exit_code == 0);
  act(life, action::Record{});
  act(life, action::Reap{});
}

void gate_closed(Life& life, const Event&) {
  if (life.next.stop_requested) {
    no_exec(life, event::ExecFailed{"stopped before its program began"});
    return exited(life, event::Exited{128});
  }
  life.next.never_ran = true;
  life.next.state = ContainerState::Backoff;
  life.next.timers.cancel(TimerName::Grace);
  life.next.timers.set(TimerName::Backoff, life.now);
  act(life, action::Reap{});
}

void lost_at_gate(Life& life, const Event&) { exited(life, event::Exited{lost_exit_code}); }

void retry(Life& life, const Event&) {
  // The timer may have expired late: the machine was suspended. A launch whose program never ran was no restart.
  if (!life.next.never_ran) life.next.backoff.last_restart = life.now;
  launch(life);
}

void timeout(Life& life, const Event&) {
  kill(life);
}

void never_run(Life& life, const Event&) {
  life.next.stop_requested = true;
  life.next.first_attempt_settled = true;
  end(life, false);
  act(life, action::Record{});
}

void stop(Life& life, const Event& event) {
  life.next.stop_requested = true;
  terminate(life, std::get<event::Stop>(event).grace);
}

void stop_by(Life& life, const Event& event) {
  const auto grace = std::get<event::Stop>(event).grace;
  const BootTime due = end_of_grace(life, grace);
  const std::optional<BootTime>& known_due = life.next.timers[TimerName::Grace].due;
  const bool sooner = !known_due || due < *known_due;
  const bool known = std::exchange(life.next.stop_requested, true);
  if (grace <= grace.zero()) return kill(life);
  if (known && !sooner) return;
  act(life, action::Record{});
  if (sooner) arm(life, TimerName::Grace, due);
}

void no_restart(Life& life, const Event&) {
  if (!std::exchange(life.next.stop_requested, true)) act(life, action::Record{});
}

void give_up(Life& life, const Event&) {
  life.next.stop_requested = true;
  life.next.first_attempt_settled = true;
  end(life, life.next.last && life.next.last->exit_code == 0);
  act(life, action::Record{});
}

void replace(Life& life, const Event& event) {
  life.next.unhealthy = true;
  terminate(life, std::get<event::Unhealthy>(event).grace);
}

void owner_ended(Life& life, const Event&) { kill(life); }

}  // namespace handlers
}  // namespace podrun::supervisor
