// The pod's sandbox as its supervisor uses it.
#include "supervisor/engine/sandbox.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "namespaces/launch/program_folder.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "namespaces/volumes/legacy_cells.hpp"
#include "namespaces/volumes/mounts.hpp"
#include "pod/failure/step_failure.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/core/log.hpp"

namespace podrun::supervisor {
namespace {

bool has_commands(const pod::ContainerPlan& container) {
  const auto is_exec = [](const auto& wanted) {
    return wanted && std::holds_alternative<pod::ExecAction>(*wanted);
  };
  const auto probes_by_exec = [](const std::optional<pod::Probe>& probe) {
    return probe && std::holds_alternative<pod::ExecAction>(probe->action);
  };
  return is_exec(container.hooks.post_start) || is_exec(container.hooks.pre_stop) ||
         probes_by_exec(container.probes.startup) || probes_by_exec(container.probes.liveness) ||
         probes_by_exec(container.probes.readiness);
}

}  // namespace

Fd take_hold(ns::Holdings& holdings, std::string_view name) {
  for (ns::KeptItem& hold : holdings.holds)
    if (hold.name == name && !hold.fds.empty()) return std::move(hold.fds.front().fd);
  return {};
}

Sandbox::Sandbox(PodContext& pod)
    : pod_(pod), namespaces_([&pod](const std::string& name, int fd) { return pod.pause.hold(name, {fd}); }) {}

Result<> Sandbox::connect() {
  PodRecord& record = pod_.record;
  pause_ = TRY(ns::open_process(record.pause)).pidfd;
  record.pause_started = ns::start_ticks(record.pause).value_or(0);
  // Opened now, because a package upgrade may replace the program. Without it only containers that need it fail to
  // start.
  if (std::ranges::any_of(pod_.plan.containers,
                          [](const auto& each) { return each.pid_namespace || has_commands(each); }))
    if (auto program = ns::open_program("podrun-entry", supervisor::entry_program(record.program)))
      entry_program_ = std::move(*program);
  return {};
}

/// The pause is in the pod's.
Result<Fd> Sandbox::network_of(const std::string& container) {
  if (container.empty()) {
    Fd copy(::fcntl(pause_.get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) return fail_system("the pause");
    return copy;
  }
  const pod::ContainerPlan& plan = pod_.plan.containers.at(pod_.index_of(container).value());
  for (const pod::HostStep& step : plan.host)
    if (const auto* made = std::get_if<pod::host::MakeNamespace>(&step);
        made != nullptr && made->kind == pod::NamespaceKind::Net)
      return namespaces_.get(*made);
  return fail(fmt::format("container {} has no network namespace of its own", container));
}

Result<CommandSite> Sandbox::command_site() {
  if (!entry_program_) return fail_system("podrun-entry", ENOENT);
  if (!empty_root_) empty_root_ = TRY(open_empty_root(pod_.record.pause));
  return CommandSite{.cgroup = *cgroup_,
                     .entry_program = entry_program_.get(),
                     .empty_root = empty_root_.get(),
                     .last_capability = pod_.facts.last_capability};
}

Result<> Sandbox::make_cgroup() {
  auto made = ns::PodCgroup::create(pod_.facts, pod_.record.cgroup_base, pod_.plan.id);
  if (!made) return std::unexpected(pod::cgroup_failure(made.error()));
  cgroup_ = std::move(*made);
  return {};
}

Result<> Sandbox::request(const ns::Holdings& holdings) {
  return pod_.pause.request(pod_.plan.sandbox, holdings.sandbox_steps_done, cgroup_->group());
}

Result<> Sandbox::await(ns::Holdings& holdings) {
  auto made = pod_.pause.await(pod_.plan.sandbox, holdings.sandbox_steps_done);
  if (!made) return fail(pod_.plan.name + ": " + made.error().message, made.error().number);
  cells_ = made->cells ? std::move(made->cells) : take_hold(holdings, pause::cells_hold);
  TRY_VOID(find_init(made->init ? std::move(made->init) : take_hold(holdings, pause::init_hold)));
  migrate_from_old_pause(holdings);
  for (ns::KeptItem& hold : holdings.holds)
    if (!hold.fds.empty() && ns::HeldNamespaces::is_name(hold.name))
      namespaces_.adopt(hold.name, std::move(hold.fds.front().fd));
  return {};
}

/// Records the pod's init, if there is one, in the state file, for commands that look at the pod's namespaces.
Result<> Sandbox::find_init(Fd pidfd) {
  if (!pidfd) return {};
  pod_.record.init = TRY(ns::pid_of(pidfd.get()));
  pod_.record.init_started = ns::start_ticks(pod_.record.init).value_or(0);
  init_ = {pod_.record.init, std::move(pidfd)};
  return {};
}

/// For a pod that was started by an older podrun: gives containers that start from now on access to what they share,
/// which is in another place now.
void Sandbox::migrate_from_old_pause(const ns::Holdings& holdings) {
  if (pod_.is_first || !ns::has_legacy_cells(holdings.version)) return;
  Fd proc;
  for (const ns::KeptItem& child : holdings.children) {
    const std::optional<std::size_t> index = pod_.index_of(child.name);
    const auto process = std::ranges::find(child.fds, ns::Role::Process, &ns::KeptFd::role);
    if (proc || !index || process == child.fds.end()) continue;
    const pod::NamespaceSource pids = pod::source_of(pod_.plan.containers[*index].namespaces, pod::NamespaceKind::Pid);
    if (pids.owner != pod::NamespaceOwner::Pod) continue;
    const pod::host::CloneProc step{.to = {}, .container = child.name, .read_only = false};
    if (auto cloned = ns::clone_proc(step, process->fd.get()))
      proc = std::move(*cloned);
  }
  if (const auto given = ns::migrate_legacy_cells(mounts(), proc); !given)
    log_warning("pod {} was started by an older podrun: {}; its containers cannot start again",
                pod::pod_name(pod_.plan.id), given.error().message);
}

}  // namespace podrun::supervisor
