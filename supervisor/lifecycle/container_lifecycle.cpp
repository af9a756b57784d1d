// The transition table of a container, and the handlers that its cells name.
#include "supervisor/lifecycle/container_lifecycle.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace podrun::supervisor {
namespace {

/// A transition under construction.
struct Life {
  const ContainerPolicy& policy;
  BootTime now;
  ContainerStatus next;
  std::vector<Action> actions;
};

/// The longest grace period: longer than any pod runs, and short enough not to overflow when added to a time since
/// boot.
constexpr std::chrono::nanoseconds longest_grace = std::chrono::hours(24 * 365 * 100);

void act(Life& life, Action action) {
  life.actions.push_back(action);
}

void arm(Life& life, BootTime due) {
  life.next.deadline = due;
  act(life, action::Arm{.due = due, .generation = ++life.next.generation});
}

void launch(Life& life) {
  const int instance = life.next.instance + 1;
  life.next = launched(std::move(life.next), instance);
  act(life, action::Launch{instance});
}

void end(Life& life, bool succeeded) {
  life.next.state = succeeded ? ContainerState::Completed : ContainerState::Failed;
  life.next.deadline.reset();
}

void kill(Life& life) {
  life.next.state = ContainerState::Killing;
  life.next.deadline.reset();
  act(life, action::Record{});
  act(life, action::Kill{});
}

BootTime end_of_grace(const Life& life, std::chrono::nanoseconds grace) {
  return life.now + std::clamp(grace, minimum_grace, longest_grace);
}

void terminate(Life& life, std::chrono::nanoseconds grace) {
  if (grace <= grace.zero()) return kill(life);
  life.next.state = ContainerState::Stopping;
  act(life, action::Record{});
  act(life, action::Terminate{});
  arm(life, end_of_grace(life, grace));
}

void note_exec(Life& life) {
  life.next.started = life.now;
  life.next.ever_started = true;
  life.next.first_attempt_settled = true;
}

Termination termination(const Life& life, const event::Exited& exit) {
  if (const auto& error = life.next.pending_start_error) {
    Termination failed = *error;
    failed.finished = life.now;
    return failed;
  }
  return {.exit_code = exit.exit_code,
          .reason = exit.exit_code == 0 ? "Completed" : "Error",
          .message = exit.message,
          .started = life.next.started,
          .finished = life.now};
}

/// Decides whether a container that ended is restarted while the pod goes on. A container that was stopped although the
/// pod was not is unhealthy: that is a failure, as for the kubelet, whatever its exit code.
bool wants_restart(const Life& life, int exit_code) {
  const bool unhealthy =
      life.next.state == ContainerState::Stopping || life.next.state == ContainerState::Killing;
  switch (life.policy.restart) {
    case pod::RestartPolicy::Always:
      return true;
    case pod::RestartPolicy::OnFailure:
      return exit_code != 0 || unhealthy;
    case pod::RestartPolicy::Never:
      return false;
  }
  return false;
}

/// A restart that is due at once needs no second write of the state file: the record of the exit already names the next
/// instance.
void restart(Life& life) {
  const NextRestart restart = next_restart(life.policy.backoff, life.next.backoff, life.now);
  life.next.backoff = restart.backoff;
  life.next.deadline.reset();
  act(life, action::Record{});
  act(life, action::Reap{});
  if (restart.due <= life.now) return launch(life);
  life.next.state = ContainerState::Backoff;
  arm(life, restart.due);
}

// ---- handlers, named by the cells of the table ----

void start(Life& life, const Event&) {
  launch(life);
}

void begin(Life& life, const Event&) {
  note_exec(life);
  life.next.state = life.next.stop_requested ? ContainerState::Stopping : ContainerState::Running;
  act(life, action::Record{});
  if (life.next.stop_requested) act(life, action::Terminate{});  // its grace period runs since the stop
}

/// The container was killed before its exec was reported.
void began(Life& life, const Event&) {
  note_exec(life);
}

void no_exec(Life& life, const Event& event) {
  life.next.first_attempt_settled = true;
  life.next.pending_start_error = Termination{.exit_code = 128,
                                              .reason = "StartError",
                                              .message = std::get<event::ExecFailed>(event).message,
                                              .started = {},
                                              .finished = life.now};
}

void exited(Life& life, const Event& event) {
  const Termination ended = termination(life, std::get<event::Exited>(event));
  life.next.last = ended;
  life.next.pending_start_error.reset();
  life.next.first_attempt_settled = true;
  if (!life.next.stop_requested && wants_restart(life, ended.exit_code)) return restart(life);
  end(life, ended.exit_code == 0);
  act(life, action::Record{});
  act(life, action::Reap{});
}

void retry(Life& life, const Event&) {
  life.next.backoff.last_restart = life.now;  // the timer may have expired late: the machine was suspended
  launch(life);
}

void timeout(Life& life, const Event&) {
  kill(life);
}

/// The container never did its work, so it has not succeeded.
void never_run(Life& life, const Event&) {
  life.next.stop_requested = true;
  life.next.first_attempt_settled = true;
  end(life, false);
  act(life, action::Record{});
}

void stop(Life& life, const Event& event) {
  life.next.stop_requested = true;
  terminate(life, std::get<event::Stop>(event).grace);
}

/// Starting: a PID 1 without a handler ignores SIGTERM, so the signal waits for the exec, but the grace period runs
/// from now. Stopping: SIGTERM was sent already; the earlier of the two deadlines holds.
void stop_by(Life& life, const Event& event) {
  const auto grace = std::get<event::Stop>(event).grace;
  const BootTime due = end_of_grace(life, grace);
  const bool sooner = !life.next.deadline || due < *life.next.deadline;
  const bool known = std::exchange(life.next.stop_requested, true);
  if (grace <= grace.zero()) return kill(life);
  if (known && !sooner) return;
  act(life, action::Record{});
  if (sooner) arm(life, due);
}

/// The container was being killed because it is unhealthy and would have been restarted; the stop prevents that.
void cancel_restart(Life& life, const Event&) {
  if (!std::exchange(life.next.stop_requested, true)) act(life, action::Record{});
}

/// The container's final result is that of its last instance.
void give_up(Life& life, const Event&) {
  life.next.stop_requested = true;
  end(life, life.next.last && life.next.last->exit_code == 0);
  act(life, action::Record{});
}

void replace(Life& life, const Event& event) {
  terminate(life, std::get<event::Unhealthy>(event).grace);
}

// ---- the table ----

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

// clang-format off
constexpr std::array<Row, container_states> table{{
    //               Start   ExecOk  ExecFailed Exited   Timer     Stop        Unhealthy
    /* Waiting   */ {start,  cannot, cannot,    cannot,  ignored,  never_run,  cannot },
    /* Starting  */ {cannot, begin,  no_exec,   exited,  timeout,  stop_by,    ignored},
    /* Running   */ {cannot, cannot, cannot,    exited,  ignored,  stop,       replace},
    /* Stopping  */ {cannot, cannot, cannot,    exited,  timeout,  stop_by,    ignored},
    /* Killing   */ {cannot, began,  no_exec,   exited,  ignored,  cancel_restart,  ignored},
    /* Backoff   */ {cannot, cannot, cannot,    cannot,  retry,    give_up,    ignored},
    /* Completed */ {cannot, cannot, cannot,    cannot,  ignored,  ignored,    ignored},
    /* Failed    */ {cannot, cannot, cannot,    cannot,  ignored,  ignored,    ignored},
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
