// What the pause says unasked: stop requests, ended children, and what it has not stored. And its children: those that
// are registered, and those that nobody has registered.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "namespaces/pause/pause_protocol.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/supervisor.hpp"
#include "supervisor/state/stored_pod.hpp"

namespace podrun::supervisor {

Result<ns::Process> Supervisor::process_of(const std::string& container) const {
  if (container.empty()) return ns::copy_of(sandbox_.init());
  const std::size_t index = pod_.index_of(container).value();
  const ContainerState state = pod_.record.status.containers[index].state;
  if (is_final(state)) return fail(fmt::format("container {} has ended", container), ESRCH);
  if (!is_alive(state)) return fail(fmt::format("container {} does not run", container), ESRCH);
  return ns::copy_of(containers_[index]->process());
}

PodNetwork::Ports Supervisor::network_ports() {
  return {.layout = pod_.layout,
          .plan = pod_.plan,
          .record = pod_.record,
          .pause = pod_.pause,
          .loop = pod_.loop,
          .commands = commands_,
          .namespace_of = [this](const std::string& container) { return sandbox_.network_of(container); },
          .helpers = [this] { return sandbox_.cgroup().helpers(); }};
}

void Supervisor::on_pause() {
  bool gone = false;
  const int stops = pod_.pause.receive_pending(gone);
  if (gone) on_pause_gone();
  reap_unregistered_children();
  report_refusals();
  handle_ended_commands();
  handle_stop_requests(stops);
}

/// Reaps children of the pause that were not launched by the supervisor, such as orphans. Launched ones are registered
/// or about to be: their exit status must be kept.
void Supervisor::reap_unregistered_children() {
  for (const pid_t child : pod_.pause.take_unregistered_children())
    if (!commands_.has_monitor(child) &&
        std::ranges::none_of(containers_, [&](const auto& each) { return each->process().pid == child; }))
      (void)pod_.pause.reap(child);  // an error is ignored: if the pause is gone, its socket reports it
}

void Supervisor::report_refusals() {
  for (const ns::Refusal& refusal : pod_.pause.take_refusals()) {
    log_error("the pause has no room for {}: {}", refusal.name, ::strerror(refusal.number));
    if (commands_.on_refused(refusal)) continue;
    for (const auto& container : containers_)
      if (refusal.pid > 0 && container->process().pid == refusal.pid) container->on_refused(refusal.number);
  }
}

void Supervisor::handle_ended_commands() {
  for (const ns::EndedCommand& ended : pod_.pause.take_ended_commands()) commands_.on_ended(ended);
}

void Supervisor::take_over_commands(ns::Holdings& holdings) {
  for (ns::KeptItem& command : holdings.commands) {
    const std::string container = command.name.substr(0, command.name.find('/'));
    const bool is_helper = network_.is_helper(command.name);
    commands_.adopt(
        std::move(command), [&](Fd group) { return sandbox_.cgroup().find_command(container, std::move(group)); },
        !is_helper);
  }
}

/// Hooks and the helpers of the network go on. Probes, and hooks whose instance is over, do not.
void Supervisor::end_commands_of_former_supervisor() {
  commands_.abandon_all_but([this](const std::string& name) {
    if (network_.is_helper(name)) return true;
    return std::ranges::any_of(containers_, [&](const auto& each) { return each->health().is_running_hook(name); });
  });
}

/// A gate is also closed by the kernel, when it drops descriptors, which is before the pause can say why.
void Supervisor::sync_with_pause() {
  (void)pod_.pause.sync();  // an error shows in the next line
  on_pause();
}

/// Refuses a pause whose protocol this podrun does not know. Releases the revisions that no instance runs: a former
/// supervisor may have died before it did.
Result<> Supervisor::check_what_is_held(const ns::Holdings& holdings) {
  if (holdings.version > pause::protocol_version)
    return fail(fmt::format("its pause is of a newer podrun, whose protocol has version {}; this one, {}, knows "
                            "versions up to {}",
                            holdings.version, PODRUN_VERSION, pause::protocol_version));
  for (const ns::KeptItem& hold : holdings.holds)
    for (const ContainerRecord& container : pod_.record.containers)
      if (is_other_revision(hold.name, container.name, container.revision)) TRY_VOID(pod_.pause.release(hold.name));
  return {};
}

void Supervisor::handle_stop_requests(int count) {
  for (; stops_handled_ < count; ++stops_handled_) engine_.handle(event::PodStop{});
}

/// Whether an unregistered child of the pause may have been launched by a former supervisor, or be one of its helpers.
/// If its container has a registered child, no launch was in progress, and it is an orphan of that container.
bool Supervisor::may_be_our_child(pid_t child, const ns::Holdings& holdings) const {
  const std::string group = sandbox_.cgroup().group_of(child);
  // Without a group it is another child that the process had before it executed podrun.
  return !group.empty() && std::ranges::count(holdings.children, group, &ns::KeptItem::name) == 0;
}

/// An unregistered child never passes its gate. But until it reaches the gate, it works in the cgroup and the mounts of
/// its container, where another instance is about to be launched.
Result<> Supervisor::kill_unregistered_children(const ns::Holdings& holdings) {
  for (const pid_t child : TRY(ns::children_of(pod_.record.pause))) {
    const bool is_registered = std::ranges::count(holdings.children, child, &ns::KeptItem::pid) > 0 ||
                               std::ranges::count(holdings.commands, child, &ns::KeptItem::pid) > 0;
    if (is_registered || child == pod_.record.supervisor || child == pod_.record.init) continue;
    if (may_be_our_child(child, holdings))
      if (const auto stray = ns::open_process(child)) TRY_VOID(ns::end(*stray, kill_timeout));
    TRY_VOID(pod_.pause.reap(child));  // the pause reaps it only if it has exited
  }
  return {};
}

}  // namespace podrun::supervisor
