// The helpers that serve a pod's networks: the forwarder, and a resolver for each network that has one.
#include <sys/socket.h>

#include <utility>

#include <fmt/format.h>

#include "namespaces/launch/program_folder.hpp"
#include "namespaces/launch/start_forwarder.hpp"
#include "namespaces/launch/start_resolver.hpp"
#include "namespaces/network/network_facts.hpp"
#include "namespaces/network/network_steps.hpp"
#include "namespaces/network/published_names.hpp"
#include "pod/network/pod_table.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/health/make_command.hpp"
#include "supervisor/network/network_holds.hpp"
#include "supervisor/network/pod_network.hpp"

namespace podrun::supervisor {
namespace {

/// The beginning of the names of the helpers' commands. No container has such a name.
constexpr std::string_view helper_prefix = "_network/";

/// What a helper is started with, until it runs.
struct Place {
  Fd program, cgroup, empty_root;

  ns::HelperSite site(const std::string& pod) const {
    return {.program = program.get(),
            .cgroup = cgroup.get(),
            .empty_root = empty_root.get(),
            .pod = pod,
            .as_child_of_parent = true};
  }
};

/// The address of a network that a socket's connections are passed on to: of the same family if there is one.
pod::IpAddress target_of(const pod::Addresses& addresses, pod::IpFamily family) {
  const bool is_v6 = addresses.ipv6 && (family == pod::IpFamily::V6 || !addresses.ipv4);
  return is_v6 ? *addresses.ipv6 : *addresses.ipv4;
}

pod::IpFamily family_of(const Fd& socket) {
  int domain = 0;
  socklen_t size = sizeof domain;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_DOMAIN, &domain, &size);
  return domain == AF_INET6 ? pod::IpFamily::V6 : pod::IpFamily::V4;
}

Result<NewCommand> command_of(std::string name, Result<ns::StartedHelper> started) {
  if (!started) return std::unexpected(started.error());
  return NewCommand{.name = std::move(name),
                    .entered = {std::move(started->process), std::move(started->gate), {}},
                    .output = {},
                    .group = std::nullopt,
                    .outlives_supervisor = true,
                    .needs_record = false};
}

}  // namespace

bool PodNetwork::is_helper(const std::string& command) const { return command.starts_with(helper_prefix); }

void PodNetwork::serve() {
  const auto add = [this](std::string name, std::vector<int> sockets, auto start) {
    if (sockets.empty()) return;
    helpers_.push_back(std::make_unique<HelperOnDemand>(
        std::string(helper_prefix) + name, std::move(sockets),
        HelperOnDemand::Ports{.loop = ports_.loop, .commands = ports_.commands, .start = std::move(start)}));
    helpers_.back()->begin();
  };
  std::vector<int> ports;
  for (std::size_t index = 0; index < networks_.size(); ++index) {
    for (const std::vector<Fd>& sockets : networks_[index].ports)
      for (const Fd& socket : sockets) ports.push_back(socket.get());
    std::vector<int> names;
    for (const Fd& socket : networks_[index].resolver) names.push_back(socket.get());
    add(fmt::format("resolver/{}", index), std::move(names),
        [this, index](const std::string& name) { return start_resolver(name, index); });
  }
  add("forwarder", std::move(ports), [this](const std::string& name) { return start_forwarder(name); });
}

/// A helper that was taken over reaches nothing else. The table is made before the helper runs, anew for each, and stays
/// until the pod ends.
Result<> PodNetwork::confine(const pod::nft::Table& table, const std::string& hold, Fd& filter) {
  if (filter) TRY_VOID(ns::remove_filter(filter.get(), table.name));
  filter = TRY(ns::make_filter(table));
  return ports_.pause.hold(hold, {filter.get()});
}

Result<NewCommand> PodNetwork::start_forwarder(const std::string& name) {
  TRY_VOID(confine(pod::forwarder_table(ports_.plan.networks.front()), forwarder_filter_hold, forwarder_filter_));
  const Place place{.program = TRY(ns::open_program("podrun-forwarder", forwarder_program(ports_.record.program))),
                    .cgroup = TRY(ports_.helpers()),
                    .empty_root = TRY(open_empty_root(ports_.record.pause))};
  std::vector<ns::ForwardedSocket> forwarded;
  for (std::size_t index = 0; index < networks_.size(); ++index) {
    const pod::NetworkPlan& plan = ports_.plan.networks[index];
    for (std::size_t port = 0; port < plan.ports.size(); ++port)
      for (const Fd& socket : networks_[index].ports[port])
        forwarded.push_back({.socket = socket.get(),
                             .protocol = plan.ports[port].protocol,
                             .address = target_of(plan.addresses, family_of(socket)),
                             .port = plan.ports[port].container_port});
  }
  return command_of(name, ns::start_forwarder(place.site(ports_.plan.id), forwarded));
}

Result<NewCommand> PodNetwork::start_resolver(const std::string& name, std::size_t index) {
  const pod::NetworkPlan& plan = ports_.plan.networks[index];
  const Place place{.program = TRY(ns::open_program("podrun-resolver", resolver_program(ports_.record.program))),
                    .cgroup = TRY(ports_.helpers()),
                    .empty_root = TRY(open_empty_root(ports_.record.pause))};
  // Those of now: the host may have moved to another network since the pod was started.
  const std::vector<std::string> upstreams = ns::read_upstreams();
  Fd& filter = networks_[index].resolver_filter;
  TRY_VOID(confine(pod::resolver_table(plan, upstreams), resolver_filter_hold(index), filter));
  const Fd names = TRY(ns::open_names_folder(ports_.layout.names_folder().path()));
  return command_of(name,
                    ns::start_resolver(place.site(ports_.plan.id),
                                       {.number = plan.number,
                                        .upstreams = upstreams,
                                        .sockets = {networks_[index].resolver.at(0).get(),
                                                    networks_[index].resolver.at(1).get()},
                                        .names_folder = names.get()}));
}

}  // namespace podrun::supervisor
