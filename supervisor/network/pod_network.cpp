// The networks of one pod.
#include "supervisor/network/pod_network.hpp"

#include <utility>

#include <fmt/format.h>

#include "namespaces/network/network_steps.hpp"
#include "namespaces/network/shared_filter.hpp"
#include "pod/failure/step_failure.hpp"
#include "pod/plan/describe.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/leases/docker_lease.hpp"
#include "supervisor/leases/leases.hpp"
#include "supervisor/leases/sysctl_lease.hpp"
#include "supervisor/network/network_holds.hpp"
#include "supervisor/network/published_names.hpp"
#include "supervisor/state/network_record.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {

Result<> PodNetwork::connect(ns::Holdings& holdings) {
  networks_.reserve(ports_.plan.networks.size());
  for (std::size_t index = 0; index < ports_.plan.networks.size(); ++index) {
    Network& network = networks_.emplace_back(Network{.index = index});
    for (std::size_t port = 0; port < ports_.plan.networks[index].ports.size(); ++port)
      network.ports.push_back(take_all(holdings, port_hold(index, port)));
    network.resolver = take_all(holdings, resolver_hold(index));
    network.filter = take_one(holdings, filter_hold(index));
    network.shared.socket = take_one(holdings, shared_filter_hold(index));
    if (!network.shared.socket)
      network.shared = {.socket = take_one(holdings, own_filter_hold(index)), .is_own = true};
    network.resolver_filter = take_one(holdings, resolver_filter_hold(index));
    if (!network.filter) {
      // The former supervisor died before the network was complete: the sockets would be in the way of new ones.
      if (!network.resolver.empty()) TRY_VOID(release_resolver(index, network));
      TRY_VOID(make(network));
      log_info("{}", network_sentence(record_of(ports_.plan.networks[index])));
    }
  }
  forwarder_filter_ = take_one(holdings, forwarder_filter_hold);
  return {};
}

Result<> PodNetwork::release_resolver(std::size_t index, Network& network) {
  network.resolver.clear();
  TRY_VOID(ports_.pause.release(resolver_hold(index)));
  return ports_.pause.sync();
}

/// Each step can be repeated: a former supervisor may have died between any two of them. What it had made and not given
/// to the pause ended with it.
Result<> PodNetwork::make(Network& network) {
  const pod::NetworkPlan& plan = ports_.plan.networks[network.index];
  const Fd site = TRY(ports_.namespace_of(plan.container));
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    const Result<> done =
        std::visit([&](const auto& each) { return perform(each, site.get(), network); }, plan.steps[step]);
    if (!done) {
      const Error failure = pod::network_step_failure(plan, step, done.error());
      return fail(fmt::format("{}: {}", ports_.plan.name, failure.message), failure.number);
    }
    const pod::StepText text = pod::describe(plan.steps[step]);
    end_lap(fmt::format("network {} {} {}", step + 1, text.action, text.detail));
  }
  if (!network.resolver.empty()) {
    std::vector<int> sockets;
    for (const Fd& socket : network.resolver) sockets.push_back(socket.get());
    TRY_VOID(ports_.pause.hold(resolver_hold(network.index), sockets));
  }
  return ports_.pause.hold(filter_hold(network.index), {network.filter.get()});
}

void PodNetwork::publish(bool is_ready) {
  if (published_ready_ == is_ready) return;
  const auto published = publish_readiness(ports_.layout, ports_.plan.id, is_ready);
  if (published) published_ready_ = is_ready;  // else it is tried again with the next event
  else if (!std::exchange(told_of_names_, true)) log_warning("{}", published.error().message);
}

void PodNetwork::release() {
  helpers_.clear();
  networks_.clear();
  forwarder_filter_.reset();
}

void PodNetwork::disconnect() {
  const auto report = [](const Result<>& done) {
    if (!done) log_warning("network: {}", done.error().message);
  };
  for (const Network& network : networks_) {
    const pod::NetworkPlan& plan = ports_.plan.networks[network.index];
    for (const pod::NetworkStep& step : plan.steps)
      if (const auto* shared = std::get_if<pod::network::SharedFilter>(&step); shared && network.shared.socket)
        report(network.shared.is_own
                   ? ns::remove_filter(network.shared.socket.get(), named(shared->table, true, plan.number).name)
                   : change_elements(network, *shared, {}));
    if (!network.filter) continue;
    report(ns::remove_filter(network.filter.get(), plan.interface));
    // Without the table no new one leads to the pod.
    report(ns::forget_connections_of(plan.addresses, network.filter.get()));
  }
}

// ---- steps ----

Result<> PodNetwork::perform(const pod::network::HostSetting& step, int, Network&) {
  return share_sysctl(ports_.layout, {.id = ports_.plan.id, .uid = ports_.plan.uid}, step.name, step.value);
}

Result<> PodNetwork::perform(const pod::network::Link& step, int site, Network&) { return ns::make_link(step, site); }

Result<> PodNetwork::perform(const pod::network::PodEnd& step, int site, Network&) {
  return ns::set_up_pod_end(step, site);
}

Result<> PodNetwork::perform(const pod::network::HostEnd& step, int, Network&) { return ns::set_up_host_end(step); }

Result<> PodNetwork::perform(const pod::network::Filter& step, int, Network& network) {
  network.filter = TRY(ns::make_filter(step.table));
  return {};
}

/// The socket is held before an element is added: a supervisor that dies in between leaves what the next one finds.
Result<> PodNetwork::perform(const pod::network::SharedFilter& step, int, Network& network) {
  if (!network.shared.socket) {
    const Fd locked = TRY(lock_tables(ports_.layout));
    TableSeeker seeker{.pod = ports_.plan.id,
                       .number = ports_.plan.networks[network.index].number,
                       .socket = network.filter.get(),
                       .others = {}};
    for (const Network& other : networks_)
      if (other.shared.socket && !other.shared.is_own) seeker.others.push_back(other.shared.socket.get());
    network.shared = TRY(share_table(ports_.layout, seeker, step.table));
    const auto name = network.shared.is_own ? own_filter_hold : shared_filter_hold;
    TRY_VOID(ports_.pause.hold(name(network.index), {network.shared.socket.get()}));
    // The next pod looks for it there as soon as the lock is free.
    if (network.shared.is_new) TRY_VOID(ports_.pause.sync());
  }
  return change_elements(network, step, step.elements);
}

/// Makes the elements those of the network. The table of a network that has none is not touched.
Result<> PodNetwork::change_elements(const Network& network, const pod::network::SharedFilter& step,
                                     const std::vector<pod::nft::Element>& elements) {
  if (step.elements.empty()) return {};
  const std::uint32_t number = ports_.plan.networks[network.index].number;
  const Fd locked = TRY(lock_tables(ports_.layout));
  return ns::renew_elements(network.shared.socket.get(), named(step.table, network.shared.is_own, number), number,
                            elements);
}

Result<> PodNetwork::perform(const pod::network::DockerRule& step, int, Network&) {
  return lease_docker_rules(ports_.layout, {.id = ports_.plan.id, .uid = ports_.plan.uid}, step);
}

/// A kernel without this part of netlink has connections all the same: those of a former pod end after a while.
Result<> PodNetwork::perform(const pod::network::ForgetConnections& step, int, Network&) {
  if (const auto forgotten = ns::forget_connections_to(step.ports); !forgotten)
    log_warning("connections of former pods: {}", forgotten.error().message);
  return {};
}

Result<> PodNetwork::perform(const pod::network::Resolver& step, int site, Network& network) {
  network.resolver = TRY(ns::open_resolver_sockets(step, site));
  return {};
}

}  // namespace podrun::supervisor
