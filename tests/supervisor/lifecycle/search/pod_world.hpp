// A model of a pod for a search of all its states: the supervisor with what it remembers and has still to do, and what
// outlives it (the state file, the pause's register, the containers' processes). Times are reduced to what decisions
// depend on, and instance numbers to their differences, so that the states are finitely many.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "supervisor/lifecycle/pod_lifecycle.hpp"

namespace podrun::supervisor {

/// What a search is about.
struct ModelPod {
  LifecycleSpec spec;
  std::vector<std::vector<std::size_t>> pid_joins;  ///< of each container: those whose end ends its process first
  int most_stops = 1;                               ///< that are asked for; a second one kills
  std::vector<std::size_t> awaited{};               ///< containers whose images are not there yet
  bool has_deadline = false;

  std::string words() const;
};

/// The command of a hook.
enum class ModelHook : std::uint8_t {
  None,  ///< it was never started
  Running,
  Succeeded,
  Failed,
  Lost,  ///< it has ended, and the register does not have it any more
};

/// A child as the pause's register has it.
struct ModelChild {
  int instance = 0;
  Registered::Exec exec = Registered::Exec::Pending;
  bool gate_open = false;
  bool dying = false;  ///< the kernel ends it; its exit comes when those in its PID namespace are gone
  bool terminated = false;
  bool owner_is_gone = false;  ///< the process whose mounts or PID namespace it has joined has been reaped
  std::optional<int> exit_code;
  ByKind<pod::HookKind, ModelHook, hook_kinds> hooks{};

  bool is_alive() const { return !exit_code; }
  /// What its exit has to be on record as.
  int truth() const { return exec == Registered::Exec::Failed ? 128 : exit_code.value_or(-1); }
};

/// One state of the model.
struct ModelState {
  enum class Phase : std::uint8_t { Dead, Adopting, Serving, Over };

  Phase phase = Phase::Dead;
  PodStatus file;    ///< the state file
  PodStatus memory;  ///< the supervisor's
  std::deque<PodAction> pending;
  bool registered = false;  ///< of the pending launch: its child is in the register, its gate is closed
  std::vector<std::optional<ModelChild>> children;
  std::vector<std::array<bool, timer_names>> armed;  ///< of each container, then of the pod
  std::vector<Image> images;                         ///< of each container, as the supervisor knows; empty: all there
  bool deadline_has_passed = false;
  int stops = 0;            ///< that the pause has counted, two at most
  int stops_handled = 0;
};

/// A state that follows from another one, and by what.
struct ModelMove {
  std::string what;
  ModelState next;
};

/// The time of every event.
inline constexpr BootTime model_now = std::chrono::seconds(1000);

ModelState first_state(const ModelPod& pod);

/// Whether the spec of that state is another one than the pod's.
bool has_spec_of_its_own(const ModelPod& pod);
/// The spec of that state: which images are there, and when the deadline is.
LifecycleSpec spec_in(const ModelPod& pod, const ModelState& state);

/// Reduces times to whether they are past, and instance numbers so that they count from 1 once there was a restart.
void reduce(PodStatus& status);
void reduce(ModelState& state);

/// Does the next thing that an action consists of. False: there is more of it to be done, before which the supervisor
/// may die. A broken invariant is added to `faults`.
bool perform_action(const ModelPod& pod, ModelState& state, const PodAction& action, std::vector<std::string>& faults);

/// Has the supervisor of a state handle an event: its actions are pending then.
void take_event(const ModelPod& pod, ModelState& state, const PodEvent& event, std::vector<std::string>& faults);

/// The verdicts of probes and the ends of hooks that a supervisor may hear.
void add_stage_events(const ModelPod& pod, const ModelState& state, std::vector<ModelMove>& moves,
                      std::vector<std::string>& faults);
/// What the commands of hooks do by themselves.
void add_hook_processes(const ModelState& state, std::vector<ModelMove>& moves);
/// What holds of probes, hooks and conditions between two events.
void check_stages_at_rest(const ModelPod& pod, const ModelState& state, std::vector<std::string>& faults);

/// What holds between two events, while nothing is pending. A broken invariant is added to `faults`.
void check_at_rest(const ModelPod& pod, const ModelState& state, std::vector<std::string>& faults);

/// All that may happen in a state. A broken invariant is added to `faults`.
std::vector<ModelMove> moves_from(const ModelPod& pod, const ModelState& state, std::vector<std::string>& faults);

/// The same text for states that differ in nothing that matters.
std::string key_of(const ModelState& state);

}  // namespace podrun::supervisor
