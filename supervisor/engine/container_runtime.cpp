// One container of a running pod: the actions of the lifecycle, and taking over from a former supervisor.
#include "supervisor/engine/container_runtime.hpp"

#include <fcntl.h>

#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/volumes/old_root.hpp"
#include "pod/spec/namespaces.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/state/stored_pod.hpp"

namespace podrun::supervisor {
namespace {

/// When a registration that was refused is tried again.
constexpr std::chrono::seconds register_retry{1};

/// Kubernetes bounds no hook; preStop ends with the grace period.
constexpr std::chrono::hours longest_hook{24};

}  // namespace

ContainerRuntime::ContainerRuntime(std::size_t index, std::vector<std::size_t> owners, ContainerPorts ports)
    : index_(index),
      owners_(std::move(owners)),
      ports_(std::move(ports)),
      log_(ports_.pod, ports_.logs, index,
           {.keep = [this](const LogDescriptors& log) { return keep_for_sure(log); },
            .grown = ports_.has_new_output}),
      health_(health_ports()) {}

// ---- launch ----

void ContainerRuntime::launch(int instance) {
  auto log = log_.make(instance);
  if (!log) return on_launch_failed(log.error());
  if (const auto made = make_next_revision(); !made)
    return report_start_failure({.message = fmt::format("{}: {}", ports_.pod.plan.name, made.error().message)});
  LaunchTimeline times;
  if (instance == 0) times.launch.child = ns::SharedTimestamps::create();
  auto child = clone(instance, *log, times.launch);
  if (!child) return on_launch_failed(child.error());
  if (child->master) log->kept.out = std::move(child->master);

  number_ = instance;
  process_ = std::move(child->process);
  terminated_ = false;
  report_ = std::move(child->report);
  input_ = std::move(child->input);
  log_.begin_display(instance);
  // The pause opens the gate when it has stored the child, so that an unregistered program never runs.
  if (const auto kept = keep(log->kept, child->gate.get()); !kept) {
    forget_instance();
    return on_launch_failed(kept.error());
  }
  times.registered = boot_now();
  child->gate.reset();
  times_ = std::move(times);

  record().pid = process_.pid;
  record().pid_started = ns::start_ticks(process_.pid).value_or(0);
  log_.begin(std::move(log->kept), instance);
  if (auto watched = watch(); !watched) log_error("{}: {}", plan().name, watched.error().message);
}

/// Reads the variables from files before a launch, because containers may have changed the files, or takes the image
/// that has come, and compiles the container's next revision. The former one is still held, in case that the pause has no room for this one; the one
/// before it is not needed any more.
Result<> ContainerRuntime::make_next_revision() {
  PodContext& pod = ports_.pod;
  if (!pod.file_variables) return {};
  auto next = TRY(plan_with_files(*pod.file_variables, index_, pod.plan, ports_.sandbox.mounts()));
  if (!next) return {};
  unsigned& revision = record().revision;
  const ns::NamedFd stored = TRY(store_revision(pod.plan.id, revision + 1, *next));
  if (revision > first_revision) TRY_VOID(pod.pause.release(revision_hold(next->name, revision - 1)));
  TRY_VOID(pod.pause.hold(stored.name, {stored.fd.get()}));
  record().image_id = next->image_id;
  record().stop_signal = next->stop_signal;
  pod.plan.containers[index_] = std::move(*next);
  ++revision;
  return {};
}

Result<ns::Launched> ContainerRuntime::clone(int instance, NewLog& log, ns::LaunchTimes& times) {
  Sandbox& sandbox = ports_.sandbox;
  if (instance > 0 && killed_) TRY_VOID(sandbox.cgroup().discard(plan().name, kill_timeout));
  killed_ = false;
  const Fd group = TRY(sandbox.cgroup().container(plan().name));
  oom_kills_ = ns::oom_kills(group);
  const ns::LaunchSite site{.pause = sandbox.mounts().pause,
                            .cells = sandbox.mounts().cells,
                            .cgroup = group.get(),
                            .last_capability = ports_.pod.facts.last_capability,
                            .held = &sandbox.namespaces(),
                            .process_of = ports_.process_of,
                            .entry_program = sandbox.entry_program(),
                            .early_root = &early_root_};
  return ns::launch(plan(), instance, site, std::move(log.out_write), std::move(log.err_write), times);
}

ns::Registration ContainerRuntime::registration(const LogDescriptors& log, int gate) const {
  ns::Registration child{
      .name = plan().name, .instance = number_, .pid = process_.pid, .fds = log.roles(), .gate = gate};
  child.fds.push_back({ns::Role::Process, process_.pidfd.get()});
  child.fds.push_back({ns::Role::Report, report_.get()});
  child.fds.push_back({ns::Role::Displayed, log_.displayed()});
  if (input_) child.fds.push_back({ns::Role::Input, input_.get()});
  return child;
}

/// Has the pause hold all descriptors of the present instance, in place of those that it held before. `gate`: see
/// Registration.
Result<> ContainerRuntime::keep(const LogDescriptors& log, int gate) {
  return ports_.pod.pause.register_child(registration(log, gate));
}

/// The same, with an error if the pause does not hold them. What it has said meanwhile is handled later: the caller is
/// in the middle of another event.
Result<> ContainerRuntime::keep_for_sure(const LogDescriptors& log) {
  auto kept = ports_.pod.pause.register_and_confirm(registration(log));
  if (auto soon = ports_.pod.loop.soon([this] { ports_.sync_with_pause(); })) hear_pause_ = std::move(*soon);
  return kept;
}

/// Handles a launch without a process, which is an error of podrun or the host.
void ContainerRuntime::on_launch_failed(const Error& error) {
  const std::string words = fmt::format("{}/{}: {}", ports_.pod.plan.name, plan().name, error.message);
  report_start_failure({.message = words, .is_own_step = true});
}

/// Treats a failed launch as an exit. The layers of the previous instance are discarded all the same: a full disk may be
/// the reason of the failure.
void ContainerRuntime::report_start_failure(event::ExecFailed failure) {
  discard_previous_instance(status().instance);
  handle(std::move(failure));
  handle(event::Exited{128});
}

/// Removes the oldest logs and, in a child process because it may take long, the writable layers of earlier instances.
/// Called when the result of the instance's own start is known, so that the start is not slowed down.
void ContainerRuntime::discard_previous_instance(int instance) {
  if (instance == 0) return;
  log_.remove_surplus();
  ports_.helpers.run([&] {
    const std::string layers = fmt::format("{}/containers/{}", ports_.pod.plan.storage, plan().name);
    const ns::PodMounts mounts = ports_.sandbox.mounts();
    const bool removed = ns::remove_former_layers(layers, instance).has_value();
    const bool unmounted = ns::unmount_old_root(plan(), mounts.pause, mounts.cells).has_value();
    return removed && unmounted ? 0 : 1;
  });
}

// ---- the other actions ----

void ContainerRuntime::terminate() {
  terminated_ = true;
  if (auto sent = ports_.pod.pause.signal(process_, plan().stop_signal); !sent) log_warning("{}", sent.error().message);
}

void ContainerRuntime::kill() {
  killed_ = true;
  if (auto killed = ports_.sandbox.cgroup().kill(plan().name); !killed) log_warning("{}", killed.error().message);
}

void ContainerRuntime::reap() {
  health_.end_instance();
  if (process_.pid > 0)
    if (auto reaped = ports_.pod.pause.reap(process_.pid); !reaped) log_warning("{}", reaped.error().message);
  record().pid = 0;
  record().pid_started = 0;
  ports_.has_ended();
  // In a PID namespace of its own, all processes have ended with the first one. Otherwise the remaining ones are killed.
  if (!is_in_pid_namespace_of_its_own()) kill();
  ports_.sandbox.cgroup().remove_unused_commands(plan().name);
  log_.end();
  forget_instance();
}

/// The watches are removed before the descriptors are closed. The pause holds the same descriptors, so epoll would go on
/// reporting events.
void ContainerRuntime::forget_instance() {
  exit_watch_.reset();
  report_watch_.reset();
  register_again_.reset();
  number_ = -1;
  process_ = {};
  terminated_ = false;
  refused_ = 0;
  report_.reset();
  input_.reset();
  if (times_ && !first_times_) first_times_ = std::move(times_);  // an init container ends before the start is told
  times_.reset();
}

/// A new instance ends at its gate, and on_exit() reports that. One that runs goes on, but the pause holds its former
/// descriptors; they are registered again until it has room.
void ContainerRuntime::on_refused(int number) {
  refused_ = number;
  auto timer = ports_.pod.loop.at(boot_now() + register_retry, [this] {
    if (log_.descriptors() != nullptr) (void)keep(*log_.descriptors());
  });
  if (timer) register_again_ = std::move(*timer);
}

bool ContainerRuntime::is_in_pid_namespace_of_its_own() const {
  return pod::source_of(plan().namespaces, pod::NamespaceKind::Pid).owner == pod::NamespaceOwner::Private;
}

Result<> ContainerRuntime::give_input_away() {
  input_ = TRY(missing_log_file());
  return keep(*log_.descriptors());
}

// ---- probes and hooks ----

HealthPorts ContainerRuntime::health_ports() {
  return {.loop = ports_.pod.loop,
          .commands = ports_.commands,
          .plan = [this]() -> const pod::ContainerPlan& { return plan(); },
          .status = [this]() -> const ContainerStatus& { return status(); },
          .instance = [this] { return number_; },
          .process = [this]() -> const ns::Process& { return process_; },
          .site = [this] { return ports_.sandbox.command_site(); },
          .handle = [this](Event event) { handle(std::move(event)); },
          .start_network_probe =
              [this](pod::ProbeKind kind, const pod::Probe& probe, MonotonicTime first, auto report) {
                return ports_.network_prober.start({index_, kind}, probe, first.time_since_epoch(), std::move(report));
              },
          .stop_network_probe = [this](pod::ProbeKind kind) { ports_.network_prober.stop({index_, kind}); },
          .make_http_hook = [this](const pod::HttpGetAction& http, std::string name) {
            return make_http_hook(http, std::move(name));
          }};
}

Result<NewCommand> ContainerRuntime::make_http_hook(const pod::HttpGetAction& http, std::string name) {
  ns::Channel output = TRY(ns::make_pipe());
  if (::fcntl(output.first.get(), F_SETFL, O_NONBLOCK) < 0) return fail_system("pipe");
  const prober::Request request = TRY(request_of(pod::HookAction(http), longest_hook));
  ns::StartedHook started = TRY(ports_.prober_sites.start_hook(index_, request, output.second.get()));
  return NewCommand{.name = std::move(name),
                    .instance = number_,
                    .entered = {std::move(started.process), std::move(started.gate), {}},
                    .output = std::move(output.first)};
}

// ---- taking over ----

/// The inverse of keep().
Result<Registered> ContainerRuntime::adopt(ns::KeptItem child) {
  number_ = child.instance;
  process_ = {child.pid, child.take(ns::Role::Process)};
  // The only signal that is sent through the pause. Its number may be another one after an upgrade of podrun.
  terminated_ = child.signalled != 0;
  report_ = child.take(ns::Role::Report);
  input_ = child.take(ns::Role::Input);
  if (!process_.pidfd || !report_)
    return fail(fmt::format("the pause does not hold the descriptors of {}", child.name));
  TRY_VOID(log_.adopt(child));
  record().pid = child.pid;
  record().pid_started = ns::start_ticks(child.pid).value_or(0);
  Registered found = registered();
  if (found.exit_code) {
    found.oom_killed = was_oom_killed(*found.exit_code);
    log_.drain();
    found.message = read_termination_message(*found.exit_code);
  }
  return found;
}

/// Its report is part of what was found, and must not be handled again. But the former supervisor may have died before
/// it logged the start, or discarded the previous instance.
Result<> ContainerRuntime::resume(const Registered& child) {
  const bool is_known = child.instance <= status().instance && status().started != BootTime{0};
  if (!is_known && child.exec == Registered::Exec::Succeeded) log_started();
  if (!child.exit_code) TRY_VOID(watch());
  if (child.exec == Registered::Exec::Pending) return {};
  report_watch_.reset();
  discard_previous_instance(number_);
  return {};
}

}  // namespace podrun::supervisor
