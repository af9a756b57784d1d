// The supervisor: the phases of its start, and the actions of the pod.
#include "supervisor/engine/supervisor.hpp"

#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "pod/plan/enum_names.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/overloaded.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/pod_files.hpp"
#include "supervisor/engine/start_timeline.hpp"
#include "supervisor/logs/log_retention.hpp"
#include "supervisor/state/legacy_stored_pod.hpp"
#include "supervisor/state/pod_cleanup.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor {
namespace {

/// The time in which the supervisor must answer the pause: longer than the handling of any event, even on a slow disk.
/// A supervisor that is killed by mistake is replaced without other consequences.
constexpr std::chrono::seconds answer_timeout{10};

PodContext context_of(SupervisorArgs args) {
  const bool is_first = args.record.supervisor == 0;
  args.record.supervisor = ::getpid();
  return {.layout = std::move(args.layout),
          .plan = std::move(args.plan),
          .facts = std::move(args.facts),
          .file_variables = std::move(args.file_variables),
          .record = std::move(args.record),
          .is_first = is_first,
          .pause = ns::PauseClient(std::move(args.pause_socket))};
}

/// Describes the end of the previous supervisor.
std::string describe_previous_exit(const ns::Holdings& holdings) {
  if (holdings.previous_hung) return "; the one before did not answer and was killed";
  if (!holdings.previous_exit) return "";
  const int status = *holdings.previous_exit;
  if (WIFSIGNALED(status)) return fmt::format("; the one before was killed by SIG{}", ::sigabbrev_np(WTERMSIG(status)));
  return fmt::format("; the one before exited with {}", WEXITSTATUS(status));
}

}  // namespace

int supervise(SupervisorArgs args) {
  ::prctl(PR_SET_NAME, "podrun");
  return Supervisor(std::move(args)).run();
}

Supervisor::Supervisor(SupervisorArgs args)
    : to_hold_(std::move(args.to_hold)),
      ready_(std::move(args.ready)),
      pod_(context_of(std::move(args))),
      logs_(pod_),
      sandbox_(pod_),
      helpers_(pod_.loop, sandbox_),
      attached_(pod_.loop),
      engine_(pod_, logs_.folder(), {.perform = [this](const PodAction& action) { perform(action); },
                     .stopping =
                         [this](std::chrono::nanoseconds grace) {
                           log_info("stopping, grace period {}", human_duration(grace));
                           notifier_.stopping(grace, status_line(pod_.record));
                         },
                     .settled = [this] { report_status(); }}),
      commands_(pod_.loop, pod_.pause, [this] { return engine_.is_on_record(); }),
      prober_sites_(pod_, sandbox_, [this](const std::string& container) { return process_of(container); }),
      network_prober_({.loop = pod_.loop,
                       .network_of = [this](std::size_t container) { return prober_sites_.network_of(container); },
                       .start_prober = [this](std::size_t container) { return prober_sites_.start(container); }}),
      images_(pod_, sandbox_,
              {.note = [this](const LoggedEvent& event) { engine_.note(event); },
               .changed = [this](std::size_t container, Image image) { engine_.change_image(container, image); }}),
      network_(network_ports()),
      notifier_(pod_.record.pause) {
  logs_.when_all_is_shown([this] {
    if (pod_.record.status.progress.finished) try_to_leave();
  });
  make_containers();
}

void Supervisor::make_containers() {
  for (std::size_t index = 0; index < pod_.plan.containers.size(); ++index) {
    std::vector<std::size_t> owners;
    for (const Join& join : engine_.spec().containers[index].joins)
      if (join.alive) owners.push_back(join.container);
    containers_.push_back(std::make_unique<ContainerRuntime>(
        index, std::move(owners),
        ContainerPorts{
            .pod = pod_,
            .sandbox = sandbox_,
            .helpers = helpers_,
            .logs = logs_,
            .commands = commands_,
            .prober_sites = prober_sites_,
            .network_prober = network_prober_,
            .handle = [this](const event::OfContainer& event) { engine_.handle(event); },
            .process_of = [this](const std::string& container) { return process_of(container); },
            .sync_with_pause = [this] { sync_with_pause(); },
            .has_new_output = [this, index] { attached_.report_output(*containers_[index]); },
            .has_ended = [this, index] { attached_.disconnect(*containers_[index]); }}));
  }
}

int Supervisor::run() {
  if (const Result<> begun = begin(); !begun) {
    if (nothing_was_launched(pod_.record.status)) abort_start(begun.error().message);
    // The pause starts the next supervisor after a delay.
    log_error("cannot take over pod {}: {}", pod::pod_name(pod_.plan.id), begun.error().message);
    return static_cast<int>(ExitStatus::Bug);
  }
  if (const auto run = pod_.loop.run(); !run) log_error("{}", run.error().message);
  return static_cast<int>(ExitStatus::Bug);
}

/// The start of every supervisor, the first and all later ones: gets the register from the pause, makes what is
/// missing, adopts what there is, and continues.
Result<> Supervisor::begin() {
  TRY_VOID(sandbox_.connect());
  if (pod_.is_first) TRY_VOID(write_state());
  end_lap("supervisor");
  // Done while the pause's program is being loaded.
  if (writes_files_early(pod_)) TRY_VOID(write_pod_files());
  auto holdings = pod_.pause.list();
  end_lap("wait for the pause");
  if (!holdings) return std::unexpected(holdings.error());
  if (Fd ready = take_hold(*holdings, ready_hold)) ready_ = std::move(ready);
  // Before this a later supervisor changes nothing: the pod may be of a newer podrun.
  TRY_VOID(check_what_is_held(*holdings));
  if (!pod_.is_first) TRY_VOID(hand_over_plans());
  TRY_VOID(forget_former_copies(*holdings));
  TRY_VOID(listen(*holdings));
  TRY_VOID(make_sandbox(*holdings));
  TRY_VOID(adopt(*holdings));
  return go_on(*holdings);
}

Result<> Supervisor::write_state() { return StateFile(pod_.layout, pod_.plan.id).write(pod_.record); }

/// For a pod of an older podrun: has the pause hold what was compiled just now, before the state says that it does.
Result<> Supervisor::hand_over_plans() {
  for (const ns::NamedFd& file : to_hold_) TRY_VOID(pod_.pause.hold(file.name, {file.fd.get()}));
  to_hold_.clear();
  return write_state();
}

/// Removes the copies from which the plans of a pod of an older podrun were compiled: they have whole Secrets. Called
/// when the state names the revisions, from which on nobody reads the copies. Each later supervisor does so, because a
/// former one may have died before.
Result<> Supervisor::forget_former_copies(const ns::Holdings& holdings) {
  if (pod_.is_first) return {};
  for (const ns::KeptItem& hold : holdings.holds)
    if (is_former_copy(hold.name)) TRY_VOID(pod_.pause.release(hold.name));
  if (const auto removed = remove_former_copies(pod_.layout, pod_.plan.id); !removed)
    log_warning("{}", removed.error().message);
  return {};
}

/// From now on stop requests and clients are heard whenever events are handled.
Result<> Supervisor::listen(ns::Holdings& holdings) {
  pause_watch_ = TRY(pod_.loop.watch(pod_.pause.fd(), EPOLLIN, [this] { on_pause(); }));
  control_ = TRY(ControlServer::start(
      pod_.loop, take_hold(holdings, control_hold),
      {.stop = [this](const StopRequest& request) { engine_.handle(event::PodStop{request.grace}); },
       .attach =
           [this](const AttachRequest& request, Fd client) {
             const std::optional<std::size_t> index = pod_.index_of(request.container);
             attached_.attach(index ? containers_[*index].get() : nullptr, request, std::move(client));
           }}));
  end_lap("event loop");
  return {};
}

Result<> Supervisor::write_pod_files() {
  const Result<> written = write_files(pod_, helpers_);
  end_lap("pod's files");
  return written;
}

Result<> Supervisor::make_sandbox(ns::Holdings& holdings) {
  const bool begins = holdings.sandbox_steps_done == 0;
  TRY_VOID(sandbox_.make_cgroup());
  end_lap("pod's cgroup");
  // Not repeated by a later supervisor: a child of the former one may be about to mount the file that this would
  // replace.
  if (begins && !writes_files_early(pod_)) TRY_VOID(write_pod_files());
  const pod::PodPlan& plan = pod_.plan;
  if (begins)
    log_info("pod {}: {} container{}, restartPolicy {}", pod::pod_name(plan.id), plan.containers.size(),
             plan.containers.size() == 1 ? "" : "s", pod::name_of(plan.restart_policy));
  if (begins && !pod_.facts.overlay_on_storage)
    log_info("writable layers lie in memory, because {} is itself on an overlay", pod_.layout.storage());
  TRY_VOID(sandbox_.request(holdings));
  if (begins) {
    for (const auto& container : containers_) container->make_root_early();  // while the pause performs the steps
    end_lap("containers' overlays");
  }
  TRY_VOID(sandbox_.await(holdings));
  end_lap("wait for the sandbox");
  if (begins) log_info("sandbox: the pause (pid {}) holds the pod's namespaces", pod_.record.pause);
  TRY_VOID(network_.connect(holdings));
  return make_memory_volumes(plan, sandbox_.mounts());
}

/// Takes over from a former supervisor. The first supervisor does the same and finds nothing.
Result<> Supervisor::adopt(ns::Holdings& holdings) {
  TRY_VOID(kill_unregistered_children(holdings));
  take_over_commands(holdings);
  std::vector<std::optional<Registered>> found(containers_.size());
  for (ns::KeptItem& child : holdings.children)
    if (const std::optional<std::size_t> index = pod_.index_of(child.name))
      found[*index] = TRY(containers_[*index]->adopt(std::move(child)));
  for (std::size_t index = 0; index < found.size(); ++index)
    if (found[index]) TRY_VOID(containers_[index]->resume(*found[index]));
  end_commands_of_former_supervisor();
  engine_.handle(event::Adopted{found});
  for (const auto& container : containers_) container->health().resume_hooks();
  for (std::size_t index = 0; index < found.size(); ++index)
    if (found[index]) containers_[index]->log().show();
  if (!holdings.children.empty())
    log_info("supervisor {} took over {} container{}{}", pod_.record.supervisor, holdings.children.size(),
             holdings.children.size() == 1 ? "" : "s", describe_previous_exit(holdings));
  return {};
}

Result<> Supervisor::go_on(const ns::Holdings& holdings) {
  TRY_VOID(pod_.pause.adopted(answer_timeout));
  stops_handled_ = stops_before_adoption(pod_.record.status, holdings.stops);
  handle_stop_requests(holdings.stops);
  skip_lap();  // the launches have spans of their own
  images_.begin(holdings);
  engine_.handle(event::PodStart{});
  network_.serve();
  return {};
}

void Supervisor::perform(const PodAction& each) {
  const auto container = [&]() -> ContainerRuntime& { return *containers_.at(each.container); };
  std::visit(pod::Overloaded{[&](const action::Launch& launch) { container().launch(launch.instance); },
                             [&](const action::Terminate&) { container().terminate(); },
                             [&](const action::Kill&) { container().kill(); },
                             [&](const action::RunHook& hook) { container().health().run_hook(hook.kind); },
                             [&](const action::StartProbe& probe) { container().health().start_probe(probe.kind); },
                             [&](const action::StopProbe& probe) { container().health().stop_probe(probe.kind); },
                             [&](const action::Reap&) { container().reap(); },
                             [&](const action::Record&) { engine_.record(); },
                             [&](const action::Arm&) {},  // the engine has done this
                             [&](const action::Started&) { announce(); },
                             [&](const action::Ready&) {},  // report_status() tells
                             [&](const action::Abort& abort) { abort_start(abort.message); },
                             [&](const action::Finish& end) { finish(end.succeeded); }},
             each.action);
}

/// Reports that the app containers have been started, or that a first attempt has failed.
void Supervisor::announce() {
  const std::string failures = start_failures(pod_.record);
  if (!failures.empty()) engine_.record();  // first, too: `podrun -d FILE || podrun logs NAME` says why
  std::vector<const LaunchTimeline*> times;
  for (const auto& container : containers_) times.push_back(container->times());
  // Written first: `podrun -d FILE && podrun timeline NAME` finds it.
  if (const auto timeline = timeline_of_start(pod_, times))
    if (auto written = logs_.folder().write_file("timeline.json", to_json(*timeline), 0640); !written)
      log_warning("{}", written.error().message);
  if (!pod_.record.waits_for_ready)
    send_start_result_to_caller(failures.empty() ? ExitStatus::Succeeded : ExitStatus::Failed, failures);
  for (const auto& container : containers_) container->forget_times();
  // Done after the start, because a move between cgroups takes an RCU grace period, and removing old logs and remains
  // of other pods may take long.
  if (pod_.facts.delegated) {
    for (const pid_t pid : {pod_.record.pause, pod_.record.supervisor})
      if (auto moved = ns::move_to_cgroup(pod_.facts, pod_.facts.own_cgroup + "/_podrun", pid); !moved)
        log_warning("{}", moved.error().message);
  }
  helpers_.run([this] {
    const auto is_done = [](const Result<>& removed) {
      if (!removed && removed.error().number != EAGAIN) log_warning("clean-up: {}", removed.error().message);
      return bool(removed);
    };
    const bool logs_removed = is_done(remove_old_logs(pod_.layout, pod_.plan.id, kept_runs - 1, pod_.plan.uid));
    return is_done(remove_all_dead_pods(pod_.layout, pod_.facts)) && logs_removed ? 0 : 1;
  });
}

}  // namespace podrun::supervisor
