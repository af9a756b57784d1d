// The statuses of containers ⇄ JSON.
#include "supervisor/state/status_record.hpp"

#include <array>
#include <string>

#include "supervisor/logs/cri_log_format.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;
using json::object, json::Reader;
using Json = json::Value;

constexpr std::array<std::string_view, 4> hook_stages{"None", "Running", "Succeeded", "Failed"};
constexpr std::array container_timer_names{TimerName::Backoff, TimerName::Grace, TimerName::Hook};
static_assert(container_timer_names.size() == container_timers);

// ---- writing ----

// clang-format off
Json to_json(const std::optional<Termination>& termination, const RecordTimes& time) {
  if (!termination) return {};
  return object({{"exitCode", termination->exit_code},
                 {"reason", termination->reason},
                 {"message", termination->message},
                 {"cause", termination->cause},
                 {"started", time(termination->started)},
                 {"finished", time(termination->finished)}});
}

Json to_json(const Timers& timers, const RecordTimes& time) {
  Json members = object();
  for (const TimerName name : container_timer_names)
    members[std::string(to_string(name))] =
        object({{"generation", timers[name].generation}, {"due", time(timers[name].due)}});
  return members;
}
// clang-format on

// ---- reading ----

ContainerState read_state(const Reader& from) {
  std::array<std::string_view, container_states> words;
  for (std::size_t index = 0; index < words.size(); ++index)
    words[index] = to_string(static_cast<ContainerState>(index));
  return static_cast<ContainerState>(from.word("state", words));
}

std::optional<Termination> read_termination(const Reader& from) {
  if (from.is_null()) return std::nullopt;
  return Termination{.exit_code = from.number<int>("exitCode"),
                     .reason = from.text("reason"),
                     .message = from.text("message"),
                     .cause = from.text_or("cause", ""),  // an older podrun's record has none
                     .started = read_record_time(from, "started"),
                     .finished = read_record_time(from, "finished")};
}

Timers read_timers(const Reader& from) {
  Timers timers;
  for (const TimerName name : container_timer_names) {
    if (name == TimerName::Hook && !from.has(to_string(name))) continue;  // an older podrun's record has none
    const Reader its = from.member(to_string(name));
    timers[name].generation = its.number<std::uint64_t>("generation");
    if (!its.member("due").is_null()) timers[name].due = read_record_time(its, "due");
  }
  return timers;
}

/// The timer of a container of version 1. What it was for follows from the state.
Timers read_only_timer(const Reader& from, ContainerState state) {
  Timers timers;
  const auto generation = from.number<std::uint64_t>("generation");
  for (const TimerName name : {TimerName::Backoff, TimerName::Grace}) timers[name].generation = generation;
  const TimerName its = state == ContainerState::Backoff ? TimerName::Backoff : TimerName::Grace;
  if (!from.member("deadline").is_null()) timers[its].due = read_record_time(from, "deadline");
  return timers;
}

HookStage read_hook_stage(const Reader& from, std::string_view name) {
  return from.has(name) ? static_cast<HookStage>(from.word(name, hook_stages)) : HookStage::None;
}

/// An older podrun knew no hooks and no probes: what ran was started and ready.
void read_stages(ContainerStatus& status, const Reader& from) {
  const bool runs = is_alive(status.state) && status.started != BootTime{0};
  status.was_started = from.flag_or("wasStarted", status.ever_started);
  status.first_attempt_failed =
      from.flag_or("firstAttemptFailed", status.first_attempt_settled && !status.ever_started);
  status.cause = from.text_or("cause", "");
  status.is_started = from.flag_or("isStarted", runs);
  status.ready = from.flag_or("ready", runs);
  status.post_start = read_hook_stage(from, "postStart");
  status.pre_stop = read_hook_stage(from, "preStop");
  status.hook_begun[pod::HookKind::PostStart] = from.flag_or("postStartBegun", false);
  status.hook_begun[pod::HookKind::PreStop] = from.flag_or("preStopBegun", false);
  status.awaits_turn = from.flag_or("awaitsTurn", false);
  status.restarting = from.flag_or("restarting", false);
}

}  // namespace

Json RecordTimes::operator()(BootTime time) const {
  if (time == BootTime{0}) return object({{"ns", 0}});
  return object({{"ns", time.count()}, {"at", rfc3339(WallTime(boot_ + time))}});
}

Json RecordTimes::operator()(const std::optional<BootTime>& time) const { return time ? (*this)(*time) : Json(); }

BootTime read_record_time(const Reader& from, std::string_view name) {
  return BootTime(from.member(name).number<std::int64_t>("ns"));
}

void add_status(Json& members, const ContainerStatus& status, const RecordTimes& time) {
  members["state"] = to_string(status.state);
  members["instance"] = status.instance;
  members["restartCount"] = status.restart_count;
  members["timers"] = to_json(status.timers, time);
  members["stopRequested"] = status.stop_requested;
  members["signalled"] = status.signalled;
  members["backoffDelay"] = status.backoff.delay.count();
  members["lastRestart"] = time(status.backoff.last_restart);
  members["started"] = time(status.started);
  members["everStarted"] = status.ever_started;
  members["wasStarted"] = status.was_started;
  members["firstAttemptSettled"] = status.first_attempt_settled;
  members["firstAttemptFailed"] = status.first_attempt_failed;
  members["neverRan"] = status.never_ran;
  members["unhealthy"] = status.unhealthy;
  members["cause"] = status.cause;
  members["isStarted"] = status.is_started;
  members["ready"] = status.ready;
  members["postStart"] = hook_stages[static_cast<std::size_t>(status.post_start)];
  members["postStartBegun"] = status.hook_begun[pod::HookKind::PostStart];
  members["preStopBegun"] = status.hook_begun[pod::HookKind::PreStop];
  members["preStop"] = hook_stages[static_cast<std::size_t>(status.pre_stop)];
  members["awaitsTurn"] = status.awaits_turn;
  members["restarting"] = status.restarting;
  members["last"] = to_json(status.last, time);
  members["pendingStartError"] = to_json(status.pending_start_error, time);
}

Json conditions_json(const Conditions& conditions, const RecordTimes& time) {
  Json members = object();
  for (std::size_t type = 0; type < condition_types; ++type)
    members[std::string(to_string(static_cast<ConditionType>(type)))] =
        object({{"holds", conditions[type].holds}, {"changed", time(conditions[type].changed)}});
  return members;
}

ContainerStatus read_status(const Reader& from, int version) {
  ContainerStatus status{
      .state = read_state(from),
      .instance = from.number<int>("instance"),
      .restart_count = from.number<int>("restartCount"),
      .timers = version > 1 ? read_timers(from.member("timers")) : Timers{},
      .stop_requested = from.flag("stopRequested"),
      .signalled = version > 1 && from.flag("signalled"),  // of an older one only the pause's register knows
      .backoff = {.delay = std::chrono::nanoseconds(from.number<std::int64_t>("backoffDelay")),
                  .last_restart = read_record_time(from, "lastRestart")},
      .started = read_record_time(from, "started"),
      .ever_started = from.flag("everStarted"),
      .first_attempt_settled = from.flag("firstAttemptSettled"),
      .last = read_termination(from.member("last")),
      .pending_start_error = read_termination(from.member("pendingStartError")),
  };
  if (version == 1) status.timers = read_only_timer(from, status.state);
  // An older podrun's record has neither: one that is being stopped although the pod is not is unhealthy.
  const bool is_being_stopped = status.state == ContainerState::Stopping || status.state == ContainerState::Killing;
  status.never_ran = from.flag_or("neverRan", false);
  status.unhealthy = from.flag_or("unhealthy", is_being_stopped && !status.stop_requested);
  read_stages(status, from);
  return status;
}

Conditions read_conditions(const Reader& from) {
  Conditions conditions{};
  if (!from.has("conditions")) return conditions;
  const Reader all = from.member("conditions");
  if (!all.value().is_object()) from.note("conditions", "is no object");
  for (std::size_t type = 0; type < condition_types; ++type) {
    const std::string_view name = to_string(static_cast<ConditionType>(type));
    if (!all.has(name)) continue;
    const Reader its = all.member(name);
    conditions[type] = {.holds = its.flag("holds"), .changed = read_record_time(its, "changed")};
  }
  return conditions;
}

}  // namespace podrun::supervisor
