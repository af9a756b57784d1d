// The supervisor's start, and the handling of events: queue → lifecycle → actions.
#include "supervisor/engine/supervisor.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/program_folder.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "pod/plan/enum_names.hpp"
#include "pod/spec/namespaces.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/logs/log_retention.hpp"
#include "supervisor/state/pod_cleanup.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

/// The time in which the supervisor must answer the pause: longer than the handling of any event, even on a slow disk.
/// A supervisor that is killed by mistake is replaced without other consequences.
constexpr std::chrono::seconds answer_timeout{10};

/// Moves the descriptor of that name out of the holdings; empty if there is none.
Fd take_hold(ns::Holdings& holdings, std::string_view name) {
  for (ns::KeptItem& hold : holdings.holds)
    if (hold.name == name && !hold.fds.empty()) return std::move(hold.fds.front().fd);
  return {};
}

/// What the lifecycle has to know of the plan.
LifecycleSpec lifecycle_of(const pod::PodPlan& plan) {
  LifecycleSpec spec{.grace = std::chrono::seconds(plan.grace_seconds)};
  for (const pod::ContainerPlan& container : plan.containers) {
    ContainerSpec its{.policy = {.restart = plan.restart_policy,
                                 .backoff = {.initial = plan.backoff.initial,
                                             .max = plan.backoff.max,
                                             .reset = plan.backoff.reset}}};
    for (const pod::NamespaceKind kind : pod::kinds_of(container.namespaces, pod::NamespaceOwner::Container))
      its.joins.push_back({.container = pod::source_of(container.namespaces, kind).container,
                           .alive = pod::needs_living_owner(kind)});
    spec.containers.push_back(std::move(its));
  }
  return spec;
}

std::size_t longest_name(const pod::PodPlan& plan) {
  std::size_t longest = 0;
  for (const pod::ContainerPlan& container : plan.containers) longest = std::max(longest, container.name.size());
  return longest;
}

}  // namespace

int supervise(SupervisorArgs args) {
  ::prctl(PR_SET_NAME, "podrun");
  return Supervisor(std::move(args)).run();
}

Supervisor::Supervisor(SupervisorArgs args)
    : layout_(std::move(args.layout)),
      plan_(std::move(args.plan)),
      facts_(std::move(args.facts)),
      file_variables_(std::move(args.file_variables)),
      record_(std::move(args.record)),
      spec_(lifecycle_of(plan_)),
      state_(layout_, plan_.id),
      is_first_(record_.supervisor == 0),
      pause_(std::move(args.pause_socket)),
      notifier_(record_.pause),
      namespaces_([this](const std::string& name, int fd) { return pause_.hold(name, {fd}); }),
      early_roots_(plan_.containers.size()),
      instances_(plan_.containers.size()),
      timers_(plan_.containers.size()),
      killed_(plan_.containers.size(), true),
      run_logs_(layout_.log_folder(plan_.id, plan_.uid)),
      shown_(plan_.containers.size()) {
  record_.supervisor = ::getpid();
  if (!record_.detached)
    terminal_.emplace(std::max(longest_name(plan_), record_.name_width), colours_by_environment(), STDOUT_FILENO,
                      STDERR_FILENO, record_.raw);
  const LogTarget target = record_.detached      ? LogTarget::File
                           : stderr_is_journal() ? LogTarget::Journal
                                                 : LogTarget::Terminal;
  set_up_log(target, {.pod_id = plan_.id, .prefix = record_.prefix}, [this](std::string_view line) {
    if (terminal_) terminal_->message(line);
  });
  open_log_folders();
}

int Supervisor::run() {
  if (const Result<> begun = begin(); !begun) {
    bool anything_runs = started(record_.status);
    for (const ContainerStatus& container : record_.status.containers) anything_runs |= container.instance >= 0;
    if (!anything_runs) abort_start(begun.error().message);
    // The pause starts the next supervisor after a delay.
    log_error("cannot take over pod {}: {}", plan_.id, begun.error().message);
    return static_cast<int>(ExitStatus::Bug);
  }
  if (const auto run = loop_.run(); !run) log_error("{}", run.error().message);
  return static_cast<int>(ExitStatus::Bug);
}

/// The start of every supervisor, the first and all later ones: gets the register from the pause, makes what is
/// missing, adopts what there is, and continues.
Result<> Supervisor::begin() {
  TRY_VOID(connect_pause());
  end_lap("supervisor");
  // Done while the pause's program is being loaded.
  if (writes_early()) TRY_VOID(write_files());
  auto holdings = pause_.list();
  end_lap("wait for the pause");
  if (!holdings) return std::unexpected(holdings.error());
  ready_ = take_hold(*holdings, ready_hold);
  control_socket_ = take_hold(*holdings, control_hold);
  TRY_VOID(prepare_sandbox(*holdings));
  TRY_VOID(adopt(*holdings));
  TRY_VOID(pause_.adopted(answer_timeout));
  // A stop that a former supervisor has begun must not be counted again: a second request kills.
  if (record_.status.stopping) stops_handled_ = std::min(holdings->stops, 1);
  handle_stop_requests(holdings->stops);
  handle(event::PodStart{});
  if (const auto listening = listen(); !listening) abort_start(listening.error().message);
  return {};
}

Result<> Supervisor::connect_pause() {
  ns::Process pause = TRY(ns::open_process(record_.pause));
  pause_pidfd_ = std::move(pause.pidfd);
  record_.pause_started = ns::start_ticks(record_.pause).value_or(0);
  // Opened now, because a package upgrade may replace the program. Without it only containers that need it fail to
  // start.
  if (std::ranges::any_of(plan_.containers, [](const auto& each) { return each.pid_namespace.has_value(); }))
    if (auto program = ns::open_program("podrun-entry", entry_program(record_.program)))
      entry_program_ = std::move(*program);
  return state_.write(record_);
}

/// Starts to watch the pause, the control socket and the containers. Creating the loop takes time, so it is done while
/// the first containers perform their steps.
Result<> Supervisor::listen() {
  if (control_) return {};
  skip_lap();  // the launches have spans of their own
  pause_watch_ = TRY(loop_.watch(pause_.fd(), EPOLLIN, [this] { on_pause(); }));
  control_ = TRY(ControlServer::start(
      loop_, std::move(control_socket_),
      {.stop = [this](const StopRequest& request) { handle(event::PodStop{request.grace}); },
       .attach = [this](const AttachRequest& request, Fd client) { attach(request, std::move(client)); }}));
  for (std::size_t index = 0; index < instances_.size(); ++index)
    if (instances_[index].process.pid > 0) TRY_VOID(watch(index));
  end_lap("event loop");
  return {};
}

Result<> Supervisor::prepare_sandbox(ns::Holdings& holdings) {
  const bool begins = holdings.sandbox_steps_done == 0;
  cgroup_ = TRY(ns::PodCgroup::create(facts_, record_.cgroup_base, plan_.id));
  end_lap("pod's cgroup");
  // Not repeated by a later supervisor: a child of the former one may be about to mount the file that this would
  // replace.
  if (begins && !writes_early()) {
    TRY_VOID(listen());
    TRY_VOID(write_files());
  }
  if (begins)
    log_info("pod {}: {} container{}, restartPolicy {}", plan_.id, plan_.containers.size(),
             plan_.containers.size() == 1 ? "" : "s", pod::name_of(plan_.restart_policy));
  if (begins && !facts_.overlay_on_storage)
    log_info("writable layers lie in memory, because {} is itself on an overlay", layout_.storage());
  TRY_VOID(pause_.request(plan_.sandbox, holdings.sandbox_steps_done, cgroup_->group()));
  if (begins) make_roots_early();  // while the pause performs the sandbox steps
  else TRY_VOID(listen());
  auto made = pause_.await(plan_.sandbox, holdings.sandbox_steps_done);
  end_lap("wait for the sandbox");
  if (!made) return fail(plan_.name + ": " + made.error().message, made.error().number);
  cells_ = made->cells ? std::move(made->cells) : take_hold(holdings, pause::cells_hold);
  TRY_VOID(find_init(made->init ? std::move(made->init) : take_hold(holdings, pause::init_hold)));
  migrate_from_old_pause(holdings);
  TRY_VOID(make_memory_volumes());
  for (ns::KeptItem& hold : holdings.holds)
    if (!hold.fds.empty()) namespaces_.adopt(hold.name, std::move(hold.fds.front().fd));
  if (begins)
    log_info("sandbox: the pause (pid {}) holds the pod's namespaces", record_.pause);
  return {};
}

/// Records the pod's init, if there is one, in the state file, for commands that look at the pod's namespaces.
Result<> Supervisor::find_init(Fd pidfd) {
  if (!pidfd) return {};
  record_.init = TRY(ns::pid_of(pidfd.get()));
  record_.init_started = ns::start_ticks(record_.init).value_or(0);
  init_ = {record_.init, std::move(pidfd)};
  return {};
}

std::optional<std::size_t> Supervisor::index_of(std::string_view container) const {
  const auto found = std::ranges::find(plan_.containers, container, &pod::ContainerPlan::name);
  if (found == plan_.containers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - plan_.containers.begin());
}

void Supervisor::handle(PodEvent event) {
  queue_.push_back(std::move(event));
  if (handling_) return;  // the event is caused by an action: it is handled after the present event's actions
  handling_ = true;
  while (!queue_.empty()) {
    const PodEvent next = std::move(queue_.front());
    queue_.pop_front();
    const BootTime now = boot_now();
    const PodStatus before = record_.status;
    PodTransition transition = step(spec_, before, next, now);
    if (transition.cell == TableCell::CannotHappen)
      log_error("internal error: an event that cannot happen in this state");
    record_.status = std::move(transition.next);
    if (record_.status.stopping && !before.stopping) note_stopping(next);
    if (!std::holds_alternative<event::Adopted>(next)) log_transitions(before, now);
    for (const PodAction& each : transition.actions) {
      perform(each.container, each.action);
      if (is_about_to_abort()) break;  // no other container is launched into a pod that ends
    }
  }
  handling_ = false;
  if (!record_.status.progress.finished) report_status();
}

/// Whether the next event aborts the pod's start.
bool Supervisor::is_about_to_abort() const {
  return !queue_.empty() && step(spec_, record_.status, queue_.front(), boot_now()).next.progress.aborted;
}

void Supervisor::report_status() {
  if (record_.status.progress.announced && notifier_.is_heard()) notifier_.status(status_line(record_));
}

void Supervisor::log_transitions(const PodStatus& before, BootTime now) const {
  for (std::size_t index = 0; index < before.containers.size(); ++index) {
    const std::string words = describe_transition(plan_.containers[index].name, before.containers[index],
                                                  record_.status.containers[index], now);
    if (!words.empty()) log_info("{}", words);
  }
}

void Supervisor::note_stopping(const PodEvent& event) {
  const auto* stop = std::get_if<event::PodStop>(&event);
  const auto grace = stop != nullptr && stop->grace ? *stop->grace : spec_.grace;
  log_info("stopping, grace period {}", human_duration(grace));
  notifier_.stopping(grace, status_line(record_));
}

/// Reports that every container's first exec has succeeded or failed.
void Supervisor::announce() {
  notifier_.ready(status_line(record_));
  const std::string failures = start_failures(record_);
  write_timeline();  // first: `podrun -d FILE && podrun timeline NAME` finds it
  send_start_result_to_caller(failures.empty() ? ExitStatus::Succeeded : ExitStatus::Failed, failures);
  for (Instance& instance : instances_) instance.times = {};  // frees a page of memory shared with each child
  // Done after the start, because a move between cgroups takes an RCU grace period, and removing old logs and remains
  // of other pods may take long.
  if (facts_.delegated) {
    for (const pid_t pid : {record_.pause, record_.supervisor})
      if (auto moved = ns::move_to_cgroup(facts_, facts_.own_cgroup + "/_podrun", pid); !moved)
        log_warning("{}", moved.error().message);
  }
  help([this] {
    const bool logs_removed = bool(remove_old_logs(layout_, plan_.id, kept_runs - 1, plan_.uid));
    return remove_all_dead_pods(layout_, facts_) && logs_removed ? 0 : 1;
  });
}

}  // namespace podrun::supervisor
