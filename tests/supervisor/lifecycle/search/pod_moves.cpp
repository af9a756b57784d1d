// The moves of the model: the supervisor's actions and events, its death, and what the processes do.
#include <algorithm>
#include <utility>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"
#include "tests/supervisor/lifecycle/search/pod_world.hpp"

namespace podrun::supervisor {
namespace {

using Exec = Registered::Exec;
using ModelPhase = ModelState::Phase;

/// Makes the moves of one state.
class Moves {
 public:
  Moves(const ModelPod& pod, const ModelState& state, std::vector<std::string>& faults)
      : pod_(pod), state_(state), faults_(faults) {}

  std::vector<ModelMove> all() && {
    switch (state_.phase) {
      case ModelPhase::Over:
        return {};
      case ModelPhase::Dead:
        processes();
        meanwhile();
        adopt();
        break;
      case ModelPhase::Adopting:
        die();
        if (!state_.pending.empty())
          perform();
        else if (state_.stops_handled < state_.stops)
          stop();
        else
          deliver("the pod starts", event::PodStart{}, ModelPhase::Serving);
        break;
      case ModelPhase::Serving:
        die();
        if (!state_.pending.empty()) {
          perform();
        } else {
          check_at_rest(pod_, state_, faults_);
          check_stages_at_rest(pod_, state_, faults_);
          events();
          processes();
        }
        break;
    }
    return std::move(moves_);
  }

 private:
  void expect(bool holds, const std::string& what) {
    if (!holds) faults_.push_back(what);
  }
  void add(std::string what, ModelState next) {
    reduce(next);
    moves_.push_back({std::move(what), std::move(next)});
  }
  bool is_alive_in(std::size_t i) const { return state_.children[i] && state_.children[i]->is_alive(); }

  // ---- the supervisor ----

  void die() {
    ModelState next = state_;
    next.phase = ModelPhase::Dead;
    next.memory = next.file;
    next.pending.clear();
    next.registered = false;
    next.armed.assign(next.armed.size(), {});
    for (Image& image : next.images)
      if (image == Image::Unavailable) image = Image::Awaited;
    for (auto& child : next.children)
      if (child && child->is_alive() && !child->gate_open) {
        child->exec = Exec::AtGate;
        child->exit_code = 125;
      }
    add("the supervisor dies", std::move(next));
  }

  void adopt() {
    ModelState next = state_;
    next.phase = ModelPhase::Adopting;
    next.stops_handled = state_.file.stopping ? std::min(state_.stops, 1) : 0;
    std::vector<std::optional<Registered>> children;
    for (const auto& child : state_.children) {
      if (!child) {
        children.emplace_back();
        continue;
      }
      children.push_back(Registered{.instance = child->instance,
                                    .exec = child->exec,
                                    .start_error = "",
                                    .exit_code = child->exit_code,
                                    .message = "",
                                    .terminated = child->terminated});
      for (const pod::HookKind kind : {pod::HookKind::PostStart, pod::HookKind::PreStop})
        if (const ModelHook hook = child->hooks[kind]; hook != ModelHook::None && hook != ModelHook::Lost)
          children.back()->hooks[kind] = Registered::Hook::Found;
    }
    take(next, event::Adopted{std::move(children)});
    add("a supervisor adopts", std::move(next));
  }

  void take(ModelState& next, const PodEvent& event) {
    take_event(pod_, next, event, faults_);
  }
  void deliver(std::string what, const PodEvent& event, ModelPhase phase) {
    ModelState next = state_;
    next.phase = phase;
    take(next, event);
    add(std::move(what), std::move(next));
  }
  void stop() {
    ModelState next = state_;
    ++next.stops_handled;
    take(next, event::PodStop{});
    add("a stop is handled", std::move(next));
  }

  void events() {
    if (state_.stops_handled < state_.stops) stop();
    for (std::size_t i = 0; i < state_.children.size(); ++i) {
      const ContainerStatus& status = state_.memory.containers[i];
      const std::string name = std::to_string(i) + ": ";
      if (state_.children[i] && is_alive(status.state)) event_of_child(i, name);
      for (const TimerName timer : {TimerName::Backoff, TimerName::Grace, TimerName::Hook})
        if (state_.armed[i][static_cast<std::size_t>(timer)] && status.timers[timer].due) fire(i, timer, name);
      if (!state_.images.empty() && !is_final(status.state)) image(i, name);
    }
    add_stage_events(pod_, state_, moves_, faults_);
    if (state_.armed.back()[static_cast<std::size_t>(TimerName::Deadline)]) fire_deadline();
  }
  void image(std::size_t i, const std::string& name) {
    const auto changes = [&](const char* how, Image to) {
      ModelState next = state_;
      next.images[i] = to;
      take(next, event::ImageChanged{});
      add(name + how, std::move(next));
    };
    if (state_.images[i] != Image::Present) changes("its image comes", Image::Present);
    if (state_.images[i] == Image::Awaited) changes("its image cannot be fetched", Image::Unavailable);
  }
  void fire_deadline() {
    ModelState next = state_;
    next.armed.back() = {};
    next.deadline_has_passed = true;
    take(next, event::PodTimer{TimerName::Deadline, state_.memory.progress.timers[TimerName::Deadline].generation});
    add("the pod's deadline", std::move(next));
  }
  void event_of_child(std::size_t i, const std::string& name) {
    const ContainerStatus& status = state_.memory.containers[i];
    const ModelChild& child = *state_.children[i];
    if (status.started == BootTime{0} && !status.pending_start_error) {
      if (child.exec == Exec::Succeeded) return of(name + "exec is heard", i, event::ExecOk{});
      if (child.exec == Exec::Failed) return of(name + "failure is heard", i, event::ExecFailed{"why"});
    }
    if (!child.exit_code) return;
    if (child.exec == Exec::AtGate) return of(name + "closed gate is heard", i, event::NeverRan{});
    of(name + "exit is heard", i, event::Exited{*child.exit_code});
  }
  void of(std::string what, std::size_t i, const Event& event) {
    event::OfContainer of{i, event};
    if (std::holds_alternative<event::Exited>(event))
      for (const std::size_t owner : pod_.pid_joins[i])
        if (state_.children[owner] && state_.children[owner]->dying && state_.children[owner]->is_alive())
          of.ending.push_back(owner);
    deliver(std::move(what), of, ModelPhase::Serving);
    const bool is_launched = std::ranges::any_of(moves_.back().next.pending, [&](const PodAction& each) {
      return each.container == i && std::holds_alternative<action::Launch>(each.action);
    });
    expect(of.ending.empty() || !is_launched, "launched into a PID namespace that is ending");
  }
  /// Timers may fire in any order: one whose time has come is as good as another.
  void fire(std::size_t i, TimerName timer, const std::string& name) {
    ModelState next = state_;
    ContainerStatus& status = next.memory.containers[i];
    next.armed[i][static_cast<std::size_t>(timer)] = false;
    status.timers[timer].due = model_now;
    if (timer == TimerName::Grace && status.stop_requested && next.memory.stop_deadline)
      next.memory.stop_deadline = model_now;
    take(next, event::OfContainer{i, event::Timer{timer, status.timers[timer].generation}});
    add(name + std::string(to_string(timer)) + " is over", std::move(next));
  }

  // ---- its actions ----

  void perform() {
    ModelState next = state_;
    const PodAction action = next.pending.front();
    const std::string name = action.container == whole_pod ? "" : std::to_string(action.container) + ": ";
    const bool is_done = perform_action(pod_, next, action, faults_);
    if (is_done && next.phase != ModelPhase::Over) note_done(next.memory, action);
    if (is_done && next.phase != ModelPhase::Over) next.pending.pop_front();
    add(name + words({action.action}), std::move(next));
  }

  // ---- the processes, and who stops the pod ----

  void processes() {
    if (state_.stops < pod_.most_stops) {
      ModelState next = state_;
      ++next.stops;
      add("a stop is asked for", std::move(next));
    }
    for (std::size_t i = 0; i < state_.children.size(); ++i)
      if (is_alive_in(i) && state_.children[i]->gate_open) process(i, std::to_string(i) + ": ");
    add_hook_processes(state_, moves_);
  }
  /// What happens while no supervisor lives, besides the processes.
  void meanwhile() {
    for (std::size_t i = 0; i < state_.images.size(); ++i)
      if (state_.images[i] != Image::Present && !is_final(state_.file.containers[i].state)) {
        ModelState next = state_;
        next.images[i] = Image::Present;
        add(std::to_string(i) + ": its image comes meanwhile", std::move(next));
      }
    if (!pod_.has_deadline || state_.deadline_has_passed) return;
    ModelState next = state_;
    next.deadline_has_passed = true;
    add("the pod's deadline passes meanwhile", std::move(next));
  }
  void process(std::size_t i, const std::string& name) {
    const ModelChild& child = *state_.children[i];
    if (child.exec == Exec::Pending) {
      change(name + "execs", i, [](ModelChild& its) { its.exec = Exec::Succeeded; });
      change(name + "cannot exec", i, [](ModelChild& its) {
        its.exec = Exec::Failed;
        its.exit_code = 125;
      });
      return;
    }
    const bool is_joined = std::ranges::any_of(
        pod_.pid_joins, [&](const auto& owners) { return std::ranges::find(owners, i) != owners.end(); });
    if (is_joined && !child.dying) {
      ModelState next = state_;
      next.children[i]->dying = true;
      for (std::size_t other = 0; other < next.children.size(); ++other)
        if (std::ranges::count(pod_.pid_joins[other], i) > 0 && next.children[other] &&
            next.children[other]->is_alive())
          next.children[other]->exit_code = 137;
      return add(name + "is ending", std::move(next));
    }
    // One that is always restarted makes no difference between them.
    const ContainerPolicy& policy = pod_.spec.containers[i].policy;
    const bool matters = policy.restart != pod::RestartPolicy::Always || !policy.rules.empty();
    for (int code = matters ? 0 : 1; code <= 1; ++code)
      change(name + "exits with " + std::to_string(code), i, [&](ModelChild& its) { its.exit_code = code; });
  }
  template <typename Change>
  void change(std::string what, std::size_t i, const Change& change) {
    ModelState next = state_;
    change(*next.children[i]);
    add(std::move(what), std::move(next));
  }

  const ModelPod& pod_;
  const ModelState& state_;
  std::vector<std::string>& faults_;
  std::vector<ModelMove> moves_;
};

}  // namespace

std::vector<ModelMove> moves_from(const ModelPod& pod, const ModelState& state, std::vector<std::string>& faults) {
  return Moves(pod, state, faults).all();
}

}  // namespace podrun::supervisor
