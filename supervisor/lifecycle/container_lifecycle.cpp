// The transition table of a container.
#include "supervisor/lifecycle/container_lifecycle.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "supervisor/lifecycle/container_handlers.hpp"

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

constexpr TableCell ignored = TableCell::Ignored;      // ignored on purpose
constexpr TableCell cannot = TableCell::CannotHappen;  // a bug in the caller

using Row = std::array<Entry, container_events>;

template <std::size_t Column, typename EventType>
constexpr bool is_column = std::is_same_v<std::variant_alternative_t<Column, Event>, EventType>;
static_assert(is_column<0, event::Start> && is_column<1, event::ExecOk> && is_column<2, event::ExecFailed> &&
              is_column<3, event::Exited> && is_column<4, event::NeverRan> && is_column<5, event::Timer> &&
              is_column<6, event::Stop> && is_column<7, event::Unhealthy> && is_column<8, event::OwnerEnded>);

// clang-format off
constexpr std::array<Row, container_states> table{{
    //               Start   ExecOk  ExecFailed Exited   NeverRan      Timer    Stop        Unhealthy OwnerEnded
    /* Waiting   */ {start,  cannot, cannot,    cannot,  cannot,       ignored, never_run,  cannot,   cannot     },
    /* Starting  */ {cannot, begin,  no_exec,   exited,  gate_closed,  timeout, stop_by,    ignored,  owner_ended},
    /* Running   */ {cannot, cannot, cannot,    exited,  cannot,       ignored, stop,       replace,  owner_ended},
    /* Stopping  */ {cannot, cannot, cannot,    exited,  cannot,       timeout, stop_by,    ignored,  owner_ended},
    /* Killing   */ {cannot, began,  no_exec,   exited,  lost_at_gate, ignored, no_restart, ignored,  ignored    },
    /* Backoff   */ {cannot, cannot, cannot,    cannot,  cannot,       retry,   give_up,    ignored,  cannot     },
    /* Completed */ {cannot, cannot, cannot,    cannot,  cannot,       ignored, ignored,    ignored,  cannot     },
    /* Failed    */ {cannot, cannot, cannot,    cannot,  cannot,       ignored, ignored,    ignored,  cannot     },
}};
// clang-format on

/// Whether the event is of an older timer, or of the same timer a second time. In every state it is ignored.
bool is_stale(const ContainerStatus& status, const Event& event) {
  const auto* timer = std::get_if<event::Timer>(&event);
  return timer && (timer->generation != status.generation || !status.deadline);
}

}  // namespace

Transition step(const ContainerPolicy& policy, const ContainerStatus& status, const Event& event,
                BootTime now) {
  const Entry entry = table[static_cast<std::size_t>(status.state)][event.index()];
  if (!entry.handler) return {.cell = entry.cell, .next = status, .actions = {}};
  if (is_stale(status, event)) return {.cell = TableCell::Ignored, .next = status, .actions = {}};

  Life life{.policy = policy, .now = now, .next = status, .actions = {}};
  entry.handler(life, event);
  const bool acted = !life.actions.empty() || life.next != status;
  return {.cell = acted ? TableCell::Acts : TableCell::Ignored,
          .next = std::move(life.next),
          .actions = std::move(life.actions)};
}

ContainerStatus launched(ContainerStatus status, int instance) {
  status.state = ContainerState::Starting;
  status.instance = instance;
  status.restart_count = std::max(instance, 0);
  status.deadline.reset();
  status.started = BootTime{0};
  status.pending_start_error.reset();
  status.never_ran = status.unhealthy = status.ownerless = status.ending = false;
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
