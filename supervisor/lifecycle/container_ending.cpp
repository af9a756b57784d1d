// How an instance is ended.
//
//   stop → preStop, until it has ended → of a sidecar: wait for its turn → stop signal → kill
//
// The wait for the hook and for the turn ends with the grace period; at least minimum_grace follows the signal.
#include "supervisor/lifecycle/container_ending.hpp"

#include <algorithm>
#include <utility>

#include "supervisor/lifecycle/container_hooks.hpp"

namespace podrun::supervisor {
namespace {

BootTime end_of_grace(const Life& life, std::chrono::nanoseconds grace) {
  return life.now + std::min(grace, longest_grace);
}

/// When an instance that gets its signal now, or has got it, is killed.
BootTime kill_time(const Life& life, std::chrono::nanoseconds grace) {
  return end_of_grace(life, std::max(grace, minimum_grace));
}

/// Some programs take a second signal as an order to end at once: each instance gets one. That it was sent is on record.
void signal(Life& life) {
  life.next.signalling = true;
  life.act(action::Terminate{});
  life.act(action::Record{});
}

void note_cause(Life& life, const event::Stop& stop) {
  if (life.next.cause.empty()) life.next.cause = stop.cause;
}

}  // namespace

bool is_signal_due(const ContainerStatus& status) {
  return status.state == ContainerState::Stopping && status.started != BootTime{0} && !status.signalled &&
         !status.signalling && !status.awaits_turn && status.pre_stop != HookStage::Running;
}

void signal_if_due(Life& life) {
  if (!is_signal_due(life.next)) return;
  signal(life);
  const BootTime least = life.now + minimum_grace;
  const std::optional<BootTime> due = life.next.timers[TimerName::Grace].due;
  if (!due || *due < least) life.arm(TimerName::Grace, least);
}

void kill(Life& life) {
  life.next.state = ContainerState::Killing;
  life.next.awaits_turn = false;
  life.next.timers.cancel(TimerName::Grace);
  life.next.timers.cancel(TimerName::Hook);
  life.act(action::Record{});
  life.act(action::Kill{});
}

void terminate(Life& life, const Ending& how) {
  if (how.grace <= how.grace.zero()) return kill(life);
  life.next.state = ContainerState::Stopping;
  life.next.awaits_turn = how.awaits_turn;
  life.act(action::Record{});
  begin_pre_stop(life, how.grace);
  if (!is_signal_due(life.next)) return life.arm(TimerName::Grace, end_of_grace(life, how.grace));
  signal(life);
  life.arm(TimerName::Grace, kill_time(life, how.grace));
}

void end(Life& life, bool succeeded) {
  life.next.state = succeeded ? ContainerState::Completed : ContainerState::Failed;
  life.next.timers.cancel_all();
  life.next.ending = life.next.restarting = life.next.restarts_all = false;
}

namespace handlers {

void timeout(Life& life, const Event&) {
  const bool was_signalled = life.next.signalled || life.next.signalling || life.next.started == BootTime{0};
  if (life.next.state != ContainerState::Stopping || was_signalled) return kill(life);
  life.next.awaits_turn = false;
  // The hook's own process lives on until the kill.
  if (life.next.pre_stop == HookStage::Running) life.next.pre_stop = HookStage::Failed;
  life.next.timers.cancel(TimerName::Hook);
  life.next.timers.cancel(TimerName::Grace);
  life.act(action::Record{});
  signal_if_due(life);
}

void not_run(Life& life, const Event& event) {
  life.next.stop_requested = true;
  life.next.first_attempt_settled = true;
  note_cause(life, std::get<event::Stop>(event));
  end(life, false);
  life.act(action::Record{});
}

void stop(Life& life, const Event& event) {
  const auto& stop = std::get<event::Stop>(event);
  life.next.stop_requested = true;
  note_cause(life, stop);
  terminate(life, {.grace = stop.grace, .awaits_turn = stop.awaits_turn});
}

void stop_by(Life& life, const Event& event) {
  const auto& stop = std::get<event::Stop>(event);
  const bool known = std::exchange(life.next.stop_requested, true);
  note_cause(life, stop);
  if (stop.grace <= stop.grace.zero()) return kill(life);
  const bool may_wait = known ? life.next.awaits_turn : life.next.state == ContainerState::Starting;
  life.next.awaits_turn = stop.awaits_turn && may_wait;
  const bool has_signal = life.next.signalled || life.next.signalling || life.next.state == ContainerState::Starting;
  const BootTime due = has_signal ? kill_time(life, stop.grace) : end_of_grace(life, stop.grace);
  const std::optional<BootTime> known_due = life.next.timers[TimerName::Grace].due;
  const bool sooner = !known_due || due < *known_due;
  if (known && !sooner && !is_signal_due(life.next)) return;
  life.act(action::Record{});
  if (sooner) life.arm(TimerName::Grace, due);
  signal_if_due(life);
}

void no_next(Life& life, const Event&) {
  if (!std::exchange(life.next.stop_requested, true)) life.act(action::Record{});
}

void give_up(Life& life, const Event&) {
  life.next.stop_requested = true;
  life.next.first_attempt_settled = true;
  end(life, life.next.last && life.next.last->exit_code == 0);
  life.act(action::Record{});
}

void killed(Life& life, const Event&) {
  if (life.next.cause.empty()) life.next.cause = owner_has_ended;
  kill(life);
}

void again(Life& life, const Event&) {
  life.next.restarting = true;
  life.next.cause = "all containers of the pod are restarted";
  if (life.next.state != ContainerState::Killing) kill(life);
}

}  // namespace handlers
}  // namespace podrun::supervisor
