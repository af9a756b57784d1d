// The transition table of a container.
#include "supervisor/lifecycle/container_lifecycle.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "supervisor/lifecycle/container_handlers.hpp"
#include "supervisor/lifecycle/container_probes.hpp"

namespace podrun::supervisor {
namespace {

using namespace handlers;

using Handler = void (*)(Life&, const Event&);

struct Entry {
  TableCell cell = TableCell::CannotHappen;
  Handler handler = nullptr;

  constexpr Entry(TableCell kind) : cell(kind) {}
  constexpr Entry(Handler acts) : cell(TableCell::Acts), handler(acts) {}
};

constexpr TableCell skip = TableCell::Ignored;         // ignored on purpose
constexpr TableCell never = TableCell::CannotHappen;   // a bug in the caller

using Row = std::array<Entry, table_columns>;

constexpr std::size_t first_timer_column = table_columns - container_timers;

template <std::size_t Column, typename EventType>
constexpr bool is_column = std::is_same_v<std::variant_alternative_t<Column, Event>, EventType>;
static_assert(is_column<0, event::Start> && is_column<1, event::ExecOk> && is_column<2, event::ExecFailed> &&
              is_column<3, event::Exited> && is_column<4, event::NeverRan> && is_column<5, event::Stop> &&
              is_column<6, event::OwnerEnded> && is_column<7, event::RestartAll> &&
              is_column<8, event::ProbeResult> && is_column<9, event::HookEnded> &&
              is_column<first_timer_column, event::Timer>);
static_assert(TimerName::Backoff == TimerName{0} && TimerName::Grace == TimerName{1} &&
              TimerName::Hook == TimerName{2} && container_timers == 3);

// clang-format off
constexpr std::array<Row, container_states> table{{
//               Start  Exec   Failed   Exited  AtGate  Stop     Owner   All    Probe    Hook    Retry  Grace    Slept
/* Waiting   */ {start, never, never,   never,  never,  not_run, never,  reset, skip,    skip,   skip,  skip,    skip},
/* Starting  */ {never, begin, no_exec, exited, closed, stop_by, killed, again, skip,    skip,   skip,  timeout, skip},
/* Running   */ {never, never, never,   exited, never,  stop,    killed, again, verdict, hooked, skip,  skip,    slept},
/* Stopping  */ {never, never, never,   exited, never,  stop_by, killed, again, verdict, hooked, skip,  timeout, slept},
/* Killing   */ {never, began, no_exec, exited, lost,   no_next, skip,   again, skip,    skip,   skip,  skip,    skip},
/* Backoff   */ {never, never, never,   never,  never,  give_up, never,  reset, skip,    skip,   retry, skip,    skip},
/* Completed */ {never, never, never,   never,  never,  skip,    never,  reset, skip,    skip,   skip,  skip,    skip},
/* Failed    */ {never, never, never,   never,  never,  skip,    never,  reset, skip,    skip,   skip,  skip,    skip},
}};
// clang-format on

/// The cell for an event. A timer that is not a container's has none.
Entry entry_for(ContainerState state, const Event& event) {
  const auto* timer = std::get_if<event::Timer>(&event);
  if (timer && static_cast<std::size_t>(timer->name) >= container_timers) return never;
  const std::size_t column = timer ? first_timer_column + static_cast<std::size_t>(timer->name) : event.index();
  return table[static_cast<std::size_t>(state)][column];
}

/// Whether the event is an outdated firing, or the second of the same timer. In every state it is ignored.
bool is_outdated(const ContainerStatus& status, const Event& event) {
  const auto* timer = std::get_if<event::Timer>(&event);
  return timer && !status.timers.is_current(timer->name, timer->generation);
}

}  // namespace

Transition step(const ContainerPolicy& policy, const ContainerStatus& status, const Event& event,
                BootTime now) {
  const Entry entry = entry_for(status.state, event);
  if (!entry.handler) return {.cell = entry.cell, .next = status, .actions = {}};
  if (is_outdated(status, event)) return {.cell = TableCell::Ignored, .next = status, .actions = {}};

  Life life{.policy = policy, .now = now, .next = status, .actions = {}};
  entry.handler(life, event);
  tend_probes(life);
  const bool acted = !life.actions.empty() || life.next != status;
  return {.cell = acted ? TableCell::Acts : TableCell::Ignored,
          .next = std::move(life.next),
          .actions = std::move(life.actions)};
}

void note_done(ContainerStatus& status, const Action& action) {
  if (const auto* hook = std::get_if<action::RunHook>(&action)) status.hook_begun[hook->kind] = true;
  if (!std::holds_alternative<action::Terminate>(action)) return;
  status.signalled = true;
  status.signalling = false;
}

ContainerStatus launched(ContainerStatus status, int instance) {
  status.state = ContainerState::Starting;
  status.instance = instance;
  status.restart_count = std::max(instance, 0);
  status.timers.cancel_all();
  status.started = BootTime{0};
  status.pending_start_error.reset();
  status.post_start = status.pre_stop = HookStage::None;
  status.probing = {};
  status.hook_begun = {};
  status.cause.clear();
  status.signalling = status.signalled = status.never_ran = status.unhealthy = status.ownerless = status.ending = false;
  status.is_started = status.ready = status.awaits_turn = status.restarting = status.restarts_all = false;
  return status;
}

bool is_final(ContainerState state) {
  return state == ContainerState::Completed || state == ContainerState::Failed;
}

bool is_alive(ContainerState state) {
  switch (state) {
    case ContainerState::Starting:
    case ContainerState::Running:
    case ContainerState::Stopping:
    case ContainerState::Killing:
      return true;
    case ContainerState::Waiting:
    case ContainerState::Backoff:
    case ContainerState::Completed:
    case ContainerState::Failed:
      return false;
  }
  return false;
}

std::string_view to_string(ContainerState state) {
  constexpr std::array<std::string_view, container_states> names{
      "Waiting", "Starting", "Running", "Stopping", "Killing", "Backoff", "Completed", "Failed"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace podrun::supervisor
