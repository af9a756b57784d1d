// States of the model: what makes them finitely many, and when two are the same.
#include "tests/supervisor/lifecycle/search/pod_world.hpp"

#include <algorithm>
#include <utility>

namespace podrun::supervisor {
namespace {

using ModelPhase = ModelState::Phase;

constexpr BootTime present = model_now;
constexpr BootTime future = present + std::chrono::seconds(10);

void reduce(std::optional<BootTime>& time) {
  if (time) time = *time <= present ? present : future;
}
void reduce(BootTime& time) {
  if (time != BootTime{0}) time = present;
}
void reduce(std::optional<Termination>& termination) {
  if (termination) termination = Termination{.exit_code = termination->exit_code};
}
void reduce(Timers& timers) {
  for (std::size_t name = 0; name < timer_names; ++name) {
    Timer& timer = timers[static_cast<TimerName>(name)];
    reduce(timer.due);
    timer.generation = 1;
  }
}

}  // namespace

void reduce(PodStatus& status) {
  reduce(status.stop_deadline);
  reduce(status.progress.timers);
  for (Condition& condition : status.conditions) condition.changed = BootTime{0};
  for (ContainerStatus& container : status.containers) {
    reduce(container.timers);
    reduce(container.started);
    reduce(container.backoff.last_restart);
    reduce(container.last);
    reduce(container.pending_start_error);
    container.cause.clear();
  }
}

namespace {

void shift(ContainerStatus& status, int by) {
  status.instance -= by;
  status.restart_count = std::max(status.instance, 0);
}

}  // namespace

void reduce(ModelState& state) {
  for (std::size_t i = 0; i < state.children.size(); ++i) {
    int least = std::min(state.file.containers[i].instance, state.memory.containers[i].instance);
    if (state.children[i]) least = std::min(least, state.children[i]->instance);
    if (least <= 1) continue;
    shift(state.file.containers[i], least - 1);
    shift(state.memory.containers[i], least - 1);
    if (state.children[i]) state.children[i]->instance -= least - 1;
    for (PodAction& each : state.pending)
      if (auto* launch = std::get_if<action::Launch>(&each.action); launch && each.container == i)
        launch->instance -= least - 1;
  }
}

namespace {

void put(std::string& key, int value) {
  key += static_cast<char>(value);
}

/// Not set, past, or to come.
int digit(const std::optional<BootTime>& time) { return !time ? 0 : *time <= present ? 1 : 2; }

void put(std::string& key, const ContainerStatus& status) {
  put(key, static_cast<int>(status.state));
  put(key, status.instance);
  put(key, digit(status.timers[TimerName::Backoff].due) + 3 * digit(status.timers[TimerName::Grace].due) +
               9 * status.stop_requested + 18 * status.signalled + 36 * status.ever_started +
               72 * status.first_attempt_settled);
  put(key, status.never_ran + 2 * status.ending + 4 * (status.started != BootTime{0}) +
               8 * (status.backoff.last_restart != BootTime{0}) + 16 * (status.backoff.delay != BootTime{0}) +
               32 * status.pending_start_error.has_value() + 64 * status.unhealthy + 128 * status.ownerless);
  put(key, status.last ? 1 + status.last->exit_code : 0);
  put(key, digit(status.timers[TimerName::Hook].due) + 4 * static_cast<int>(status.post_start) +
               16 * static_cast<int>(status.pre_stop) + 64 * status.is_started + 128 * status.was_started);
  put(key, status.ready + 2 * status.awaits_turn + 4 * status.restarting + 8 * status.first_attempt_failed +
               16 * status.probing.values[0] + 32 * status.probing.values[1] + 64 * status.probing.values[2] +
               128 * status.restarts_all);
  put(key, status.hook_begun.values[0] + 2 * status.hook_begun.values[1]);
}

void put(std::string& key, const PodStatus& status) {
  put(key, status.stopping + 2 * status.deadline_exceeded + 4 * digit(status.stop_deadline) +
               16 * status.restarting_all);  // the conditions follow from the rest
  put(key, status.progress.begun + 2 * status.progress.announced + 4 * status.progress.finished +
               8 * status.progress.aborted + 16 * digit(status.progress.timers[TimerName::Deadline].due));
  for (const ContainerStatus& container : status.containers) put(key, container);
}

}  // namespace

ModelState first_state(const ModelPod& pod) {
  const std::size_t size = pod.spec.containers.size();
  PodStatus status{.containers = std::vector<ContainerStatus>(size)};
  reduce(status);
  ModelState state{.file = status,
                   .memory = status,
                   .children = std::vector<std::optional<ModelChild>>(size),
                   .armed = std::vector<std::array<bool, timer_names>>(size + 1),
                   .images = std::vector<Image>(pod.awaited.empty() ? 0 : size, Image::Present)};
  for (const std::size_t i : pod.awaited) state.images[i] = Image::Awaited;
  return state;
}

bool has_spec_of_its_own(const ModelPod& pod) { return pod.has_deadline || !pod.awaited.empty(); }

LifecycleSpec spec_in(const ModelPod& pod, const ModelState& state) {
  LifecycleSpec spec = pod.spec;
  for (std::size_t i = 0; i < state.images.size(); ++i) spec.containers[i].image = state.images[i];
  if (pod.has_deadline) spec.deadline = state.deadline_has_passed ? present : future;
  return spec;
}

std::string key_of(const ModelState& state) {
  std::string key;
  put(key, static_cast<int>(state.phase) + 8 * state.registered + 16 * state.stops + 64 * state.stops_handled);
  put(key, state.file);
  if (state.phase != ModelPhase::Dead) put(key, state.memory);
  put(key, state.deadline_has_passed);
  for (const Image image : state.images) put(key, static_cast<int>(image));
  for (const auto& armed : state.armed) put(key, armed[0] + 2 * armed[1] + 4 * armed[2] + 8 * armed[3]);
  for (std::size_t i = 0; i < state.children.size(); ++i) {
    const auto& child = state.children[i];
    put(key, !child ? -1
                    : static_cast<int>(child->exec) + 4 * child->gate_open + 8 * child->dying + 16 * child->terminated +
                          32 * child->owner_is_gone);
    if (child) put(key, child->instance), put(key, child->exit_code.value_or(-1));
    if (child) put(key, static_cast<int>(child->hooks.values[0]) + 8 * static_cast<int>(child->hooks.values[1]));
  }
  for (const PodAction& each : state.pending) {
    put(key, static_cast<int>(each.container));
    put(key, static_cast<int>(each.action.index()));
    if (const auto* launch = std::get_if<action::Launch>(&each.action)) put(key, launch->instance);
    if (const auto* arm = std::get_if<action::Arm>(&each.action)) put(key, static_cast<int>(arm->name));
    if (const auto* hook = std::get_if<action::RunHook>(&each.action)) put(key, static_cast<int>(hook->kind));
    if (const auto* probe = std::get_if<action::StartProbe>(&each.action)) put(key, static_cast<int>(probe->kind));
    if (const auto* probe = std::get_if<action::StopProbe>(&each.action)) put(key, static_cast<int>(probe->kind));
  }
  return key;
}

std::string ModelPod::words() const {
  constexpr std::string_view roles[] = {"init", "sidecar", "app"};
  constexpr std::string_view policies[] = {"Always", "OnFailure", "Never"};
  std::string text;
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    const ContainerSpec& each = spec.containers[i];
    text += (i == 0 ? "" : ", ") + std::string(roles[static_cast<int>(each.role)]) + " " +
            std::string(policies[static_cast<int>(each.policy.restart)]);
    constexpr std::string_view probes[] = {" startup", " liveness", " readiness"}, hooks[] = {" postStart", " preStop"};
    for (std::size_t kind = 0; kind < pod::probe_kinds; ++kind)
      if (each.policy.probes.values[kind]) text += probes[kind];
    for (std::size_t kind = 0; kind < hook_kinds; ++kind)
      if (each.policy.hooks.values[kind])
        text += std::string(hooks[kind]) + (each.policy.hooks.values[kind]->sleep ? " sleep" : "");
    if (!each.policy.rules.empty()) text += " restarting all";
    for (const Join& join : each.joins) {
      const bool is_pid = std::ranges::count(pid_joins[i], join.container) > 0;
      text += std::string(is_pid       ? " in the PID namespace of "
                          : join.alive ? " in the mounts of "
                                       : " in a namespace of ") +
              std::to_string(join.container);
    }
  }
  for (const std::size_t i : awaited) text += ", the image of " + std::to_string(i) + " is awaited";
  if (has_deadline) text += ", with a deadline";
  return text;
}

}  // namespace podrun::supervisor
