// Random sequences of events, and the invariants that hold after each event.
#include <gtest/gtest.h>

#include <random>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {
namespace {

/// The view of an observer: the instance that has a process, and whether its exit is recorded.
struct Observer {
  int instance = -1;
  bool process = false;
  bool exit_seen = false;
  bool exit_recorded = false;
  bool never_ran = false;
  bool signalled = false;
  Timers timers;
  ByKind<pod::HookKind, int, hook_kinds> hooks{};
  ByKind<pod::ProbeKind, bool, pod::probe_kinds> probed{};
  bool killed = false;

  void see(const Event& event) {
    exit_seen |= std::holds_alternative<event::Exited>(event);
    if (std::holds_alternative<event::NeverRan>(event)) exit_seen = never_ran = true;
  }
  void see(const action::Launch& launch) {
    EXPECT_FALSE(process) << "two instances at a time";
    EXPECT_TRUE(launch.instance == instance + 1 || (never_ran && launch.instance == instance));
    *this = {.instance = launch.instance, .process = true, .timers = timers};
  }
  void see(const action::Terminate&) {
    EXPECT_TRUE(process && !exit_seen && !killed);
    EXPECT_FALSE(std::exchange(signalled, true)) << "a second TERM";
  }
  void see(const action::Kill&) {
    EXPECT_TRUE(process && !exit_seen);
    killed = true;
  }
  void see(const action::RunHook& hook) {
    EXPECT_TRUE(process && !exit_seen && !signalled && !killed);
    EXPECT_EQ(hooks[hook.kind]++, 0) << "a hook runs twice";
  }
  void see(const action::StartProbe& probe) {
    EXPECT_TRUE(process && !exit_seen);
    EXPECT_FALSE(std::exchange(probed[probe.kind], true));
  }
  void see(const action::StopProbe& probe) { EXPECT_TRUE(std::exchange(probed[probe.kind], false)); }
  void see(const action::Record&) { exit_recorded = exit_seen; }
  void see(const action::Reap&) {
    EXPECT_TRUE(process && (exit_recorded || never_ran)) << "reaped before it was on record";
    process = false;
  }
  void see(const action::Arm& arm) {
    EXPECT_GT(arm.generation, timers[arm.name].generation);
    timers[arm.name] = {.generation = arm.generation, .due = arm.due};
  }
  template <typename OfThePod>
  void see(const OfThePod&) {
    ADD_FAILURE() << "no container's table causes an action of the pod";
  }
};

void expect_invariants(const ContainerStatus& before, const Event& event, const Transition& made,
                       const Observer& seen, BootTime now) {
  const ContainerStatus& next = made.next;
  EXPECT_EQ(is_alive(next.state), seen.process);
  EXPECT_EQ(next.instance, seen.instance);
  EXPECT_EQ(next.restart_count, std::max(next.instance, 0));
  for (const TimerName name : {TimerName::Backoff, TimerName::Grace, TimerName::Hook}) {
    EXPECT_GE(next.timers[name].generation, before.timers[name].generation);
    const bool is_due = next.timers[name].due && *next.timers[name].due <= now;
    if (next.timers[name].due && !is_due) {
      EXPECT_EQ(next.timers[name], seen.timers[name]) << name << " is not armed";
    }
  }
  EXPECT_GE(next.backoff.last_restart, before.backoff.last_restart);
  const bool has_grace = next.state == ContainerState::Stopping ||
                         (next.state == ContainerState::Starting && next.stop_requested);
  EXPECT_EQ(next.timers[TimerName::Grace].due.has_value(), has_grace) << next.state;
  if (next.state != ContainerState::Waiting) {
    EXPECT_EQ(next.timers[TimerName::Backoff].due.has_value(), next.state == ContainerState::Backoff) << next.state;
  }
  EXPECT_TRUE(next.is_started || !next.ready) << "ready before it is started";
  EXPECT_TRUE(is_alive(next.state) || !next.is_started) << "started without a process";
  for (const auto kind : {pod::ProbeKind::Startup, pod::ProbeKind::Liveness, pod::ProbeKind::Readiness}) {
    EXPECT_EQ(next.probing[kind], seen.probed[kind]);
    EXPECT_TRUE(!next.probing[kind] || next.state == ContainerState::Running || kind == pod::ProbeKind::Readiness);
  }
  if (before.stop_requested) {
    EXPECT_TRUE(next.stop_requested);
    EXPECT_EQ(next.instance, before.instance) << "restarted although the pod stops";
  }
  if (is_final(before.state) && !std::holds_alternative<event::RestartAll>(event)) {
    EXPECT_EQ(next, before) << "final is final";
  }
  if (before.state == ContainerState::Killing && next.state != ContainerState::Killing) {
    EXPECT_TRUE(std::holds_alternative<event::Exited>(event) || std::holds_alternative<event::NeverRan>(event))
        << "only its exit ends a kill";
  }
  if (made.cell != TableCell::Acts) {
    EXPECT_EQ(next, before);
    EXPECT_TRUE(made.actions.empty());
  }
}

class RandomLives {
 public:
  explicit RandomLives(unsigned seed) : random_(seed) {}

  /// A whole life of at most `steps` events. Returns the number of events.
  int live(int steps) {
    policy_ = {.restart = static_cast<pod::RestartPolicy>(pick(3))};
    for (auto& probe : policy_.probes.values)
      if (pick(2) == 0) probe.emplace();
    for (auto& hook : policy_.hooks.values) {
      if (pick(2) == 0) hook.emplace();
      if (hook && pick(2) == 0) hook->sleep = std::chrono::seconds(pick(40));
    }
    ContainerStatus status;
    Observer seen;
    BootTime now = 1h;
    for (int i = 0; i < steps; ++i) {
      now += std::chrono::milliseconds(pick(400'000));
      const Event event = any_event(status);
      if (const auto* timer = std::get_if<event::Timer>(&event))
        now = std::max(now, status.timers[timer->name].due.value_or(now));
      const Transition made = step(policy_, status, event, now);
      if (made.cell == TableCell::Acts) seen.see(event);
      for (const Action& action : made.actions) std::visit([&](const auto& each) { seen.see(each); }, action);
      expect_invariants(status, event, made, seen, now);
      if (testing::Test::HasFailure()) return steps;
      status = made.next;
      for (const Action& action : made.actions) note_done(status, action);
      if (is_final(status.state) && pick(8) == 0) return i + 1;
    }
    return steps;
  }

 private:
  int pick(int choices) { return std::uniform_int_distribution(0, choices - 1)(random_); }

  /// A random event, which may be impossible in the present state. Stops are rare, because each of them ends a life.
  Event any_event(const ContainerStatus& status) {
    const auto grace = std::chrono::seconds(pick(3) * 10);
    switch (std::discrete_distribution({2, 4, 1, 4, 0.5, 4, 0.3, 3, 2, 0.2, 0.5})(random_)) {
      case 0:
        return event::Start{};
      case 1:
        return event::ExecOk{};
      case 2:
        return event::ExecFailed{"why"};
      case 3:
        return event::Exited{pick(2)};
      case 4:
        return event::NeverRan{};
      case 5:
        return timer(status, static_cast<TimerName>(pick(container_timers)));
      case 6:
        return event::Stop{.grace = grace, .awaits_turn = pick(2) == 0};
      case 7:
        return event::ProbeResult{status.instance, static_cast<pod::ProbeKind>(pick(3)), pick(2) == 0};
      case 8:
        return event::HookEnded{status.instance, static_cast<pod::HookKind>(pick(2)), pick(2) == 0};
      case 9:
        if (status.stop_requested) return event::OwnerEnded{};
        return event::RestartAll{};
      default:
        return event::OwnerEnded{};
    }
  }

  event::Timer timer(const ContainerStatus& status, TimerName name) {
    const bool is_outdated = pick(4) == 0;
    return {name, status.timers[name].generation - (is_outdated ? 1 : 0)};
  }

  std::mt19937 random_;
  ContainerPolicy policy_;
};

TEST(LifecycleRandom, AHundredThousandEventsBreakNoInvariant) {
  RandomLives lives(20);
  int events = 0;
  while (events < 100'000 && !HasFailure()) events += lives.live(200);
}

}  // namespace
}  // namespace podrun::supervisor
