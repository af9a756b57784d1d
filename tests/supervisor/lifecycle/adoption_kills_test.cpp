// Supervisors that are killed before and after each of their actions, during random lives of a container.
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "tests/supervisor/lifecycle/adoption_world.hpp"

namespace podrun::supervisor {
namespace {

/// Called before and after each action of a supervisor, with the number of the call. Returns whether the supervisor
/// dies there.
using Killer = std::function<bool(int)>;

/// One supervisor in `world`, until it is killed or the pod has ended.
class ModelSupervisor {
 public:
  ModelSupervisor(World& world, const Killer& killer, int& points)
      : world_(world), killer_(killer), points_(points) {}

  void run() {
    Adopted adopted = reconcile(world_.script.policy, world_.file, world_.registered(), world_.now);
    take(std::move(adopted.next), adopted.actions);
    while (!dead_ && !world_.is_over()) {
      if (const auto event = next_event()) {
        Transition made = step(world_.script.policy, status_, *event, world_.now);
        EXPECT_EQ(made.cell, TableCell::Acts) << status_.state << " × event " << event->index();
        take(std::move(made.next), made.actions);
        let_neighbour_record();
      } else {
        wait();
      }
    }
  }

 private:
  bool dies() { return dead_ = dead_ || killer_(points_++); }

  void take(ContainerStatus next, const std::vector<Action>& actions) {
    status_ = std::move(next);
    for (const Action& action : actions) {
      if (dies()) return;
      std::visit([&](const auto& each) { perform(each); }, action);
      note_done(status_, action);
    }
    dies();
  }

  /// The state file is that of the whole pod, so the exit of another container also records the state of this one.
  void let_neighbour_record() {
    if (points_ % 2 == 0 && !dies()) world_.record(status_);
  }

  void perform(const action::Launch& launch) {
    world_.clone(launch.instance);
    if (dies()) return;
    world_.enter();
    if (dies()) return;
    world_.open_gate();
  }
  void perform(const action::Terminate&) { world_.terminate(); }
  void perform(const action::Kill&) { world_.kill(); }
  void perform(const action::Record&) { world_.record(status_); }
  void perform(const action::Reap&) { world_.reap(); }
  void perform(const action::StartProbe&) {}
  void perform(const action::StopProbe&) {}
  void perform(const action::Arm& arm) { armed_[static_cast<std::size_t>(arm.name)] = arm; }
  template <typename OfThePod>
  void perform(const OfThePod&) {
    ADD_FAILURE() << "no container's table causes an action of the pod";
  }

  /// The events that a supervisor would get from its descriptors, its timer and the pause, in that order.
  std::optional<Event> next_event() {
    if (status_.state == ContainerState::Waiting) return event::Start{};
    if (auto event = of_child()) return event;
    for (auto& timer : armed_)
      if (timer && timer->due <= world_.now) {
        const action::Arm fired = *std::exchange(timer, std::nullopt);
        if (status_.timers.is_current(fired.name, fired.generation)) return event::Timer{fired.name, fired.generation};
      }
    const Timer& backoff = status_.timers[TimerName::Backoff];
    if (status_.state == ContainerState::Backoff && *backoff.due <= world_.now)
      return event::Timer{TimerName::Backoff, backoff.generation};  // which is the pod's decision
    if (is_final(status_.state)) return std::nullopt;
    if (world_.now >= world_.script.stop_at && !status_.stop_requested)
      return event::Stop{world_.script.grace};
    if (world_.now >= world_.script.kill_at && status_.state != ContainerState::Killing)
      return event::Stop{0s};
    if (const auto due = unhealthy_at(); due && *due <= world_.now)
      return event::ProbeResult{status_.instance, pod::ProbeKind::Liveness, false};
    return std::nullopt;
  }

  std::optional<Event> of_child() const {
    const auto& child = world_.registered();
    if (!child || !is_alive(status_.state)) return std::nullopt;
    if (status_.started == BootTime{0} && !status_.pending_start_error) {
      if (child->exec == Registered::Exec::Succeeded) return event::ExecOk{};
      if (child->exec == Registered::Exec::Failed) return event::ExecFailed{child->start_error};
    }
    if (child->exit_code) return event::Exited{*child->exit_code};
    return std::nullopt;
  }

  std::optional<BootTime> unhealthy_at() const {
    if (status_.state != ContainerState::Running) return std::nullopt;
    return status_.started + world_.script.instance(status_.instance).healthy;
  }

  void wait() {
    BootTime next = BootTime::max();
    const auto consider = [&](std::optional<BootTime> time) {
      if (time && *time >= world_.now) next = std::min(next, *time);
    };
    consider(world_.next());
    for (const auto& timer : armed_)
      if (timer && status_.timers.is_current(timer->name, timer->generation)) consider(timer->due);
    if (!status_.stop_requested) consider(world_.script.stop_at);
    if (status_.state != ContainerState::Killing) consider(world_.script.kill_at);
    consider(unhealthy_at());
    ASSERT_NE(next, BootTime::max()) << "nothing will ever happen to a container that is " << status_.state;
    world_.advance(next);
  }

  World& world_;
  const Killer& killer_;
  int& points_;
  ContainerStatus status_;
  std::array<std::optional<action::Arm>, container_timers> armed_;
  bool dead_ = false;
};

struct Life {
  History history;
  int points = 0;  ///< the number of points at which a supervisor could have died
};

Life live(unsigned seed, const Killer& killer) {
  World world(seed);
  Life life;
  while (!world.is_over() && !testing::Test::HasFailure()) {
    ModelSupervisor(world, killer, life.points).run();
    world.supervisor_died();
  }
  life.history = std::move(world.history);
  life.history.end = world.file;
  for (const TimerName name : {TimerName::Backoff, TimerName::Grace})
    life.history.end.timers[name].generation = 0;  // the only difference that a kill may make
  return life;
}

constexpr unsigned lives = 60;

bool nobody(int) {
  return false;
}

TEST(AdoptionKills, UninterruptedLivesHoldTheInvariants) {
  std::size_t exits = 0;
  for (unsigned seed = 0; seed < lives; ++seed) exits += live(seed, nobody).history.exits.size();
  EXPECT_GT(exits, 3 * lives) << "lives worth killing for";
}

TEST(AdoptionKills, AKillAtAnySinglePointLeavesTheSameHistory) {
  for (unsigned seed = 0; seed < lives && !HasFailure(); ++seed) {
    const Life undisturbed = live(seed, nobody);
    for (int victim = 0; victim < undisturbed.points && !HasFailure(); ++victim) {
      const Life killed = live(seed, [&](int point) { return point == victim; });
      EXPECT_EQ(killed.history, undisturbed.history) << "life " << seed << ", killed at point " << victim;
    }
  }
}

TEST(AdoptionKills, AKillDuringTheAdoptionAfterAKillLeavesTheSameHistory) {
  for (unsigned seed = 0; seed < lives / 4 && !HasFailure(); ++seed) {
    const Life undisturbed = live(seed, nobody);
    for (int first = 0; first < undisturbed.points && !HasFailure(); ++first)
      for (int then = 1; then < 6 && !HasFailure(); ++then) {
        const Life killed = live(seed, [&](int point) { return point == first || point == first + then; });
        EXPECT_EQ(killed.history, undisturbed.history)
            << "life " << seed << ", killed at points " << first << " and " << first + then;
      }
  }
}

TEST(AdoptionKills, AnyNumberOfKillsLeavesTheSameHistory) {
  std::mt19937 random(8);
  std::bernoulli_distribution strikes(0.4);
  for (unsigned seed = 0; seed < lives && !HasFailure(); ++seed) {
    const Life undisturbed = live(seed, nobody);
    for (int i = 0; i < 10 && !HasFailure(); ++i)
      EXPECT_EQ(live(seed, [&](int) { return strikes(random); }).history, undisturbed.history)
          << "life " << seed;
  }
}

}  // namespace
}  // namespace podrun::supervisor
