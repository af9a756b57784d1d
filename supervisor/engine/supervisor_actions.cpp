// The actions of the lifecycle.
#include <signal.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/old_root.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/text/overloaded.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/supervisor.hpp"

namespace podrun::supervisor {

void Supervisor::perform(std::size_t index, const Action& action) {
  std::visit(pod::Overloaded{[&](const action::Launch& launch_) { launch(index, launch_.instance); },
                             [&](const action::Terminate&) { terminate(index); },
                             [&](const action::Kill&) { kill(index); },
                             [&](const action::Record&) { record(); },
                             [&](const action::Reap&) { reap(index); },
                             [&](const action::Arm& arm_) { arm(index, arm_); },
                             [&](const action::Ready&) { announce(); },
                             [&](const action::Abort& abort) { abort_start(abort.message); },
                             [&](const action::Finish& finish_) { finish(finish_.succeeded); }},
             action);
}

void Supervisor::launch(std::size_t index, int instance) {
  const pod::ContainerPlan& container = plan_.containers[index];
  auto file = make_log_file(index, instance);
  if (!file) return on_launch_failed(index, file.error());
  auto log = create_log(std::move(*file));
  if (!log) return on_launch_failed(index, log.error());
  if (const auto read = read_variables(index); !read)
    return report_start_failure(index, {.message = fmt::format("{}: {}", plan_.name, read.error().message)});
  ns::LaunchTimes times{.child = instance == 0 ? ns::SharedTimestamps::create() : ns::SharedTimestamps()};
  auto child = clone(index, instance, *log, times);
  if (!child) return on_launch_failed(index, child.error());
  if (child->master) log->kept.out = std::move(child->master);

  Instance& started = instances_[index];
  started = {.number = instance,
             .process = std::move(child->process),
             .report = std::move(child->report),
             .input = std::move(child->input),
             .times = std::move(times)};
  begin_showing(index);
  // The pause opens the gate when it has stored the child, so that an unregistered program never runs.
  started.gate_opened = boot_now();
  if (const auto kept = keep(index, log->kept, child->gate.get()); !kept) {
    started = {};
    return on_launch_failed(index, kept.error());
  }
  child->gate.reset();

  ContainerRecord& entry = record_.containers[index];
  entry.pid = started.process.pid;
  entry.pid_started = ns::start_ticks(entry.pid).value_or(0);
  started.log.emplace(std::move(log->kept), log_folders_[index], instance, log_pump_callbacks(index));
  if (auto ready = started.log->recover(); !ready) log_warning("{}: log: {}", container.name, ready.error().message);
  log_write_trouble(index);
  if (!control_) return;  // listen() adds the watches after all launches
  if (auto watched = watch(index); !watched) log_error("{}: {}", container.name, watched.error().message);
}

/// The process of a container whose PID namespace, root or mounts another one joins; "" means the pod's init.
Result<ns::Process> Supervisor::process_of(const std::string& container) const {
  if (container.empty()) return ns::copy_of(init_);
  const std::size_t index = index_of(container).value();
  const ContainerState state = record_.status.containers[index].state;
  if (is_final(state)) return fail(fmt::format("container {} has ended", container), ESRCH);
  if (!is_alive(state)) return fail(fmt::format("container {} does not run", container), ESRCH);
  return ns::copy_of(instances_[index].process);
}

Result<ns::Launched> Supervisor::clone(std::size_t index, int instance, NewLog& log, ns::LaunchTimes& times) {
  const pod::ContainerPlan& container = plan_.containers[index];
  if (instance > 0 && killed_[index]) TRY_VOID(cgroup_->discard(container.name, kill_timeout));
  killed_[index] = false;
  const Fd group = TRY(cgroup_->container(container.name));
  const ns::LaunchSite site{.pause = pause_pidfd_.get(),
                            .cells = cells_.get(),
                            .cgroup = group.get(),
                            .last_capability = facts_.last_capability,
                            .held = &namespaces_,
                            .process_of = [this](const std::string& other) { return process_of(other); },
                            .entry_program = entry_program_.get(),
                            .early_root = &early_roots_[index]};
  return ns::launch(container, instance, site, std::move(log.out_write), std::move(log.err_write), times);
}

/// Handles a launch without a process, which is an error of podrun or the host.
void Supervisor::on_launch_failed(std::size_t index, const Error& error) {
  const std::string words = fmt::format("{}/{}: {}", plan_.name, plan_.containers[index].name, error.message);
  report_start_failure(index, {.message = words, .is_own_step = true});
}

/// Treats a failed launch as an exit. The layers of the previous instance are discarded all the same: a full disk may
/// be the reason of the failure.
void Supervisor::report_start_failure(std::size_t index, event::ExecFailed failure) {
  discard_previous_instance(index, record_.status.containers[index].instance);
  handle_container(index, std::move(failure));
  handle_container(index, event::Exited{128});
}

void Supervisor::terminate(std::size_t index) {
  Instance& instance = instances_[index];
  instance.terminated = true;
  if (auto sent = pause_.signal(instance.process, SIGTERM); !sent) log_warning("{}", sent.error().message);
}

void Supervisor::kill(std::size_t index) {
  killed_[index] = true;
  if (auto killed = cgroup_->kill(plan_.containers[index].name); !killed) log_warning("{}", killed.error().message);
}

void Supervisor::record() {
  if (auto written = state_.write(record_); !written) log_error("state file: {}", written.error().message);
}

void Supervisor::reap(std::size_t index) {
  ContainerRecord& entry = record_.containers[index];
  Instance& ended = instances_[index];
  if (ended.process.pid > 0)
    if (auto reaped = pause_.reap(ended.process.pid); !reaped) log_warning("{}", reaped.error().message);
  entry.pid = 0;
  entry.pid_started = 0;
  disconnect_attached(index);
  // In a PID namespace of its own, all processes have ended with the first one. Otherwise the remaining ones are
  // killed.
  if (pod::source_of(plan_.containers[index].namespaces, pod::NamespaceKind::Pid).owner != pod::NamespaceOwner::Private)
    kill(index);
  // The watches must be removed before the descriptors are closed, which move assignment would do in the other order.
  // The pause holds the same descriptors, so epoll would go on reporting events.
  const Instance gone = std::exchange(ended, Instance{});
}

void Supervisor::arm(std::size_t index, const action::Arm& arm) {
  auto timer = loop_.at(arm.due, [this, index, generation = arm.generation] {
    handle_container(index, event::Timer{generation});
  });
  if (timer) timers_[index] = std::move(*timer);
  else log_error("{}: {}", plan_.containers[index].name, timer.error().message);
}

/// Removes the oldest logs and, in a child process because it may take long, the writable layers of earlier instances.
/// Called when the result of the instance's own start is known, so that the start is not slowed down.
void Supervisor::discard_previous_instance(std::size_t index, int instance) {
  if (instance == 0) return;
  const pod::ContainerPlan& container = plan_.containers[index];
  remove_surplus_logs(index);
  help([&] {
    const std::string layers = fmt::format("{}/containers/{}", plan_.storage, container.name);
    const bool removed = ns::remove_former_layers(layers, instance).has_value();
    const bool unmounted = ns::unmount_old_root(container, pause_pidfd_.get(), cells_.get()).has_value();
    return removed && unmounted ? 0 : 1;
  });
}

/// Runs work of unknown duration in a child process and reaps it. The child is in the pod's control group, so a
/// clean-up waits for it as for the containers.
void Supervisor::help(const std::function<int()>& work) {
  const auto group = cgroup_->helpers();
  auto process = group ? ns::run_in_child(work, group->get()) : std::unexpected(group.error());
  if (!process) return log_warning("{}", process.error().message);
  const auto helper = helpers_.insert(helpers_.end(), Helper{std::move(*process), {}});
  auto watched = loop_.watch(helper->process.pidfd.get(), EPOLLIN, [this, helper] {
    (void)ns::wait_for(helper->process);
    helpers_.erase(helper);
  });
  if (watched) helper->watch = std::move(*watched);
}

}  // namespace podrun::supervisor
