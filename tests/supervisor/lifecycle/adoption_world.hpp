// A model of everything that outlives a supervisor: the pause with its register, the container's process, the state
// file and the clock. It fails the test when a supervisor breaks an invariant.
//
// The behaviour of an instance depends only on its number, and a kill takes no time. A life with kills must therefore
// have the same history, to the nanosecond, as the same life without them.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "supervisor/lifecycle/adoption.hpp"
#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {

/// What one instance does if nothing stops it.
struct Behaviour {
  bool exec_fails = false;
  std::chrono::nanoseconds set_up{};      ///< from the open gate to the exec
  std::chrono::nanoseconds length{};      ///< from the exec to its own exit
  std::chrono::nanoseconds last_words{};  ///< from TERM to its exit
  std::chrono::nanoseconds healthy{};     ///< from the exec until a probe gives up
  int exit_code = 0;
};

/// The life of a container: its policy, the behaviour of its instances, and when the pod is stopped.
struct Script {
  ContainerPolicy policy;
  std::array<Behaviour, 64> instances;
  BootTime stop_at{};
  BootTime kill_at{};  ///< the second stop
  std::chrono::nanoseconds grace{};

  explicit Script(unsigned seed) {
    std::mt19937 random(seed);
    const auto pick = [&](int choices) { return std::uniform_int_distribution(0, choices - 1)(random); };
    policy.restart = static_cast<pod::RestartPolicy>(std::max(0, pick(5) - 2));
    const bool while_it_starts = pick(4) == 0;
    stop_at = 1h + std::chrono::milliseconds(pick(while_it_starts ? 4 : 3'000'000));
    grace = std::chrono::seconds(pick(4) * 10);
    policy.probes[pod::ProbeKind::Liveness] = ProbePolicy{grace};
    kill_at = stop_at + std::chrono::seconds(5 + pick(40));
    for (Behaviour& each : instances)
      each = {.exec_fails = pick(5) == 0,
              .set_up = std::chrono::milliseconds(pick(3)),
              .length = std::chrono::milliseconds(pick(3) == 0 ? 0 : pick(900'000)),
              .last_words = std::chrono::milliseconds(pick(60'000)),
              .healthy = std::chrono::milliseconds(pick(1'800'000)),
              .exit_code = pick(3)};
  }

  const Behaviour& instance(int number) const { return instances.at(static_cast<std::size_t>(number)); }
};

/// What happened, as an observer sees it.
struct History {
  struct Exec {
    int instance;
    BootTime at;
    bool operator==(const Exec&) const = default;
  };
  struct Exit {
    int instance;
    Termination how;
    bool operator==(const Exit&) const = default;
  };
  std::vector<Exec> execs;
  std::vector<Exit> exits;  ///< in the order of the records
  ContainerStatus end;

  bool operator==(const History&) const = default;
};

class World {
 public:
  explicit World(unsigned seed) : script(seed) {}

  const Script script;
  BootTime now = 1h;
  ContainerStatus file;
  History history;

  const std::optional<Registered>& registered() const { return registered_; }
  bool is_over() const { return is_final(file.state) && !registered_; }

  // ---- actions of a supervisor ----

  void clone(int instance) {
    EXPECT_FALSE(registered_) << "launched beside another instance";
    EXPECT_EQ(instance, recorded_ + 1) << "an instance skipped, or run again";
    cloned_ = Registered{.instance = instance, .exec = Registered::Exec::Pending};
  }
  void enter() { registered_ = std::exchange(cloned_, std::nullopt); }
  void open_gate() { exec_at_ = now + behaviour().set_up; }
  void terminate() {
    ASSERT_TRUE(registered_ && registered_->exec == Registered::Exec::Succeeded)
        << "a TERM that has no effect";
    EXPECT_FALSE(registered_->terminated) << "a second TERM";
    registered_->terminated = true;
    end_at(now + behaviour().last_words);
  }
  void kill() {
    ASSERT_TRUE(registered_);
    if (!registered_->exit_code) end(137);
  }
  void reap() {
    if (!registered_) return;
    EXPECT_TRUE(registered_->exit_code) << "reaped alive";
    EXPECT_TRUE(registered_->instance <= recorded_ || registered_->exec == Registered::Exec::AtGate)
        << "reaped before it was on record";
    registered_.reset();
  }
  void record(const ContainerStatus& status) {
    EXPECT_GE(status.restart_count, file.restart_count);
    for (const TimerName name : {TimerName::Backoff, TimerName::Grace})
      EXPECT_GE(status.timers[name].generation, file.timers[name].generation);
    if (status.signalled && registered_ && registered_->instance == status.instance) {
      EXPECT_TRUE(registered_->terminated) << "a TERM on record that was not sent";
    }
    file = status;
    const bool settled = !is_alive(status.state);
    const int ended = settled ? status.instance : status.instance - 1;
    if (ended == recorded_) return;
    EXPECT_EQ(ended, recorded_ + 1) << "an exit lost";
    EXPECT_EQ(status.last->exit_code, truth()) << "an exit wrong";
    recorded_ = ended;
    history.exits.push_back({ended, *status.last});
  }

  // ---- events without a supervisor ----

  /// The supervisor's sockets are closed: a child that is not registered, or whose gate is closed, ends.
  void supervisor_died() {
    cloned_.reset();
    if (registered_ && registered_->exec == Registered::Exec::Pending && !exec_at_ &&
        !registered_->exit_code) {
      registered_->exec = Registered::Exec::AtGate;
      end(125);
    }
  }

  /// The next instant at which the process acts without an event.
  std::optional<BootTime> next() const { return exec_at_ ? exec_at_ : ends_at_; }

  void advance(BootTime to) {
    now = to;
    if (exec_at_ && *exec_at_ <= now) exec();
    if (ends_at_ && *ends_at_ <= now) end(behaviour().exit_code);
  }

 private:
  const Behaviour& behaviour() const { return script.instance(registered_->instance); }
  int truth() const {
    if (!registered_) return -1;
    return registered_->exec == Registered::Exec::Failed ? 128 : registered_->exit_code.value_or(-1);
  }

  void exec() {
    exec_at_.reset();
    if (behaviour().exec_fails) {
      registered_->exec = Registered::Exec::Failed;
      registered_->start_error = "step 14";
      return end(125);
    }
    registered_->exec = Registered::Exec::Succeeded;
    history.execs.push_back({registered_->instance, now});
    end_at(now + behaviour().length);
  }
  void end_at(BootTime time) { ends_at_ = ends_at_ ? std::min(*ends_at_, time) : time; }
  void end(int code) {
    registered_->exit_code = code;
    exec_at_.reset();
    ends_at_.reset();
  }

  std::optional<Registered> cloned_;
  std::optional<Registered> registered_;
  std::optional<BootTime> exec_at_;
  std::optional<BootTime> ends_at_;
  int recorded_ = -1;
};

}  // namespace podrun::supervisor
