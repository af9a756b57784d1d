// Starts one more process in a running container.
#include "namespaces/launch/enter.hpp"

#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <variant>
#include <vector>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/one_cpu.hpp"
#include "namespaces/kernel/seccomp_filters.hpp"
#include "namespaces/launch/entry_order.hpp"
#include "namespaces/launch/exec_strings.hpp"
#include "namespaces/launch/intermediate.hpp"
#include "namespaces/volumes/mounts.hpp"
#include "namespaces/volumes/overlay.hpp"
#include "pod/compile/compile_enter.hpp"
#include "pod/failure/step_failure.hpp"
#include "pod/text/overloaded.hpp"

namespace podrun::ns {
namespace {

/// Performs the host steps, all of which open mount trees; verify_entering() allows no others.
Result<std::vector<Fd>> open_trees(const pod::ContainerPlan& plan, const EnterSite& site) {
  std::vector<Fd> slots(plan.descriptors.size());
  for (std::size_t index = 0; index < plan.host.size(); ++index) {
    pod::Slot to = 0;
    Result<Fd> tree = std::visit(
        pod::Overloaded{[&](const pod::host::OverlayRoot& root) {
                          to = root.to;
                          return make_overlay(root, 0);
                        },
                        [&](const pod::host::CloneProc& proc) {
                          to = proc.to;
                          return clone_proc(proc, site.container);
                        },
                        [&](const pod::host::CloneTree& clone) {
                          to = clone.to;
                          return clone_tree(clone, {.pause = site.aux_fd, .cells = site.cells});
                        },
                        [](const auto&) -> Result<Fd> { return fail("not a step of a process that enters", EPROTO); }},
        plan.host[index]);
    if (!tree) return std::unexpected(pod::host_step_failure(plan, index, tree.error()));
    slots[to] = std::move(*tree);
  }
  return slots;
}

std::vector<int> descriptors_of(const pod::ContainerPlan& plan, const std::vector<Fd>& trees, const EnterSite& site,
                                int report) {
  std::vector<int> descriptors;
  for (const Fd& tree : trees) descriptors.push_back(tree.get());
  descriptors[pod::enter_slot::container] = site.container;
  descriptors[pod::enter_slot::aux_fd] = site.aux_fd;
  // There is no gate, because this process is not registered.
  descriptors[pod::slot::gate] = descriptors[pod::slot::report] = report;
  for (std::size_t slot = 0; slot < plan.descriptors.size(); ++slot) {
    if (plan.descriptors[slot] == "terminal") descriptors[slot] = site.terminal;
    if (plan.descriptors[slot] == "devpts") descriptors[slot] = site.devpts;
    if (plan.descriptors[slot] == "cells") descriptors[slot] = site.cells;
  }
  return descriptors;
}

/// The namespaces that podrun-entry enters, all of them of the container's first process.
int namespaces_of_entry(const pod::ContainerPlan& plan) {
  int flags = plan.pid_namespace ? CLONE_NEWPID : 0;
  for (const pod::ChildStep& step : plan.child)
    if (const auto* const enter = std::get_if<pod::step::EnterNamespaces>(&step))
      if (std::ranges::count(enter->kinds, pod::NamespaceKind::Cgroup) > 0) flags |= CLONE_NEWCGROUP;
  return flags;
}

Result<EnteredCommand> enter_as(entry::Role role, const pod::ContainerPlan& plan, const EnterSite& site) {
  const std::vector<Fd> trees = TRY(open_trees(plan, site));
  Channel report = TRY(make_socket_pair()), lifeline = TRY(make_socket_pair());
  const std::vector<int> descriptors = descriptors_of(plan, trees, site, report.second.get());

  const ExecStrings exec(std::get<pod::step::Exec>(plan.child.back()));
  const SharedTimestamps timestamps;
  const std::vector<Filter> filters = TRY(filters_of(plan));
  const int namespaces = namespaces_of_entry(plan);
  const ChildContext context{.descriptors = descriptors.data(),
                             .argv = exec.argv(),
                             .envp = exec.envp(),
                             .search_path = exec.search_path(),
                             .last_capability = site.last_capability,
                             .filters = filters,
                             .timestamps = &timestamps,
                             .through_entry = true,
                             .entered_later = namespaces};
  const OnOneCpu cpu;
  const Fd order = TRY(make_entry_order(plan, role, namespaces, site.last_capability, filters,
                                        cpu.before()));
  Process monitor = TRY(start_intermediate(plan, context,
                                           {.program = site.entry_program,
                                            .order = order.get(),
                                            .standard = site.standard,
                                            .report = report.second.get(),
                                            .pid = namespaces != 0 ? site.container : -1,
                                            .gate = lifeline.second.get(),
                                            .root = site.empty_root,
                                            .group = site.group.group(),
                                            .kill = site.group.kill_file()},
                                           site.helpers,
                                           role == entry::Role::Command ? IntermediateParent::Caller
                                                                        : IntermediateParent::Pause));
  return EnteredCommand{std::move(monitor), std::move(lifeline.first), std::move(report.first)};
}

}  // namespace

Result<EnteredCommand> enter(const pod::ContainerPlan& plan, const EnterSite& site) {
  return enter_as(entry::Role::Command, plan, site);
}

Result<EnteredCommand> enter_to_register(const pod::ContainerPlan& plan, const EnterSite& site) {
  return enter_as(entry::Role::RegisteredCommand, plan, site);
}

void forward_signal(const EnteredCommand& entered, int signal) {
  const auto byte = static_cast<unsigned char>(signal);
  ::send(entered.lifeline.get(), &byte, sizeof byte, MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::optional<StepFailure> failed_step(const EnteredCommand& entered) {
  StepFailure report;
  if (::recv(entered.report.get(), &report, sizeof report, MSG_DONTWAIT) != sizeof report) return std::nullopt;
  return report;
}

bool is_of_ending_container(int error) {
  return error == ESRCH || error == ENOMEM || error == ENOENT || error == ENODEV;
}

}  // namespace podrun::ns
