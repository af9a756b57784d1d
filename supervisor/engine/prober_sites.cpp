// Where the probers of a pod are started.
#include "supervisor/engine/prober_sites.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "namespaces/launch/program_folder.hpp"
#include "pod/spec/namespaces.hpp"
#include "supervisor/core/installed_programs.hpp"

namespace podrun::supervisor {

bool has_network_actions(const pod::ContainerPlan& container) {
  const auto is_probed = [](const std::optional<pod::Probe>& probe) {
    return probe && is_network_action(probe->action);
  };
  const auto is_sent = [](const std::optional<pod::HookAction>& hook) {
    return hook && std::holds_alternative<pod::HttpGetAction>(*hook);
  };
  return is_probed(container.probes.startup) || is_probed(container.probes.liveness) ||
         is_probed(container.probes.readiness) || is_sent(container.hooks.post_start) ||
         is_sent(container.hooks.pre_stop);
}

ProberSites::ProberSites(const PodContext& pod, const Sandbox& sandbox,
                         std::function<Result<ns::Process>(const std::string& container)> process_of)
    : pod_(pod), sandbox_(sandbox), process_of_(std::move(process_of)) {
  if (std::ranges::any_of(pod.plan.containers, has_network_actions))
    program_ = ns::open_program("podrun-prober", prober_program(pod.record.program));
}

Result<ProberSites::Network> ProberSites::find_network(std::size_t container) const {
  const pod::ContainerPlan* plan = &pod_.plan.containers.at(container);
  pod::NamespaceSource source = pod::source_of(plan->namespaces, pod::NamespaceKind::Net);
  if (source.owner == pod::NamespaceOwner::Container) {
    plan = &pod_.plan.containers.at(source.container);
    source.owner = pod::NamespaceOwner::Private;
  }
  switch (source.owner) {
    case pod::NamespaceOwner::Pod: return Network{network_of_pod, TRY(ns::open_process(pod_.record.pause))};
    case pod::NamespaceOwner::Host: return Network{network_of_host};
    case pod::NamespaceOwner::Container:
    case pod::NamespaceOwner::Private: break;
  }
  ns::Process process = TRY(process_of_(plan->name));
  const auto id = static_cast<NetworkId>(process.pid);
  return Network{id, std::move(process)};
}

Result<NetworkId> ProberSites::network_of(std::size_t container) const { return TRY(find_network(container)).id; }

Result<ProberSites::Site> ProberSites::site_of(std::size_t container) {
  if (!program_) return std::unexpected(program_.error());
  if (!empty_root_) {
    // The empty directory that covers the pod's cells; no container can write to it.
    const std::string path = fmt::format("/proc/{}/root/c", pod_.record.pause);
    empty_root_ = Fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!empty_root_) return fail_system(path);
  }
  Network network = TRY(find_network(container));
  Site made{std::move(network.process), TRY(sandbox_.cgroup().helpers()), {}};
  made.site = {.program = program_->get(),
               .network = made.process.pidfd.get(),
               .cgroup = made.cgroup.get(),
               .empty_root = empty_root_.get(),
               .pod = pod_.plan.id};
  return made;
}

Result<ns::StartedProber> ProberSites::start(std::size_t container) {
  const Site made = TRY(site_of(container));
  return ns::start_prober(made.site);
}

Result<ns::StartedHook> ProberSites::start_hook(std::size_t container, const prober::Request& request, int output) {
  const Site made = TRY(site_of(container));
  return ns::start_hook_prober(made.site, request, output);
}

}  // namespace podrun::supervisor
