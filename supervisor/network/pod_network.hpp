// The networks of one pod: performs their steps, gives the pause what must outlive the supervisor, and starts the
// forwarder and the resolver when somebody needs them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/pause_client.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/health/registered_commands.hpp"
#include "supervisor/network/helper_on_demand.hpp"
#include "supervisor/network/shared_table.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// The networks of one pod. A later supervisor finds them as the former one left them.
class PodNetwork {
 public:
  struct Ports {
    const Layout& layout;
    const pod::PodPlan& plan;
    const PodRecord& record;
    ns::PauseClient& pause;
    EventLoop& loop;
    RegisteredCommands& commands;
    /// The network namespace of the pod, or of a container that has a network of its own.
    std::function<Result<Fd>(const std::string& container)> namespace_of;
    /// The pod's group for helpers: PodCgroup::helpers().
    std::function<Result<Fd>()> helpers;
  };

  explicit PodNetwork(Ports ports) : ports_(std::move(ports)) {}
  PodNetwork(const PodNetwork&) = delete;
  PodNetwork& operator=(const PodNetwork&) = delete;

  /// Makes each network that is not complete. Error: the step that failed, "web: network step 2 of 7: …".
  Result<> connect(ns::Holdings& holdings);
  /// Begins to serve the published ports of 127.0.0.1 and ::1, and names. The commands of a former supervisor have been
  /// taken over by now.
  void serve();
  /// Publishes whether the pod is ready, if that has changed.
  void publish(bool is_ready);
  /// Whether a registered command is one of the helpers, which go on when the supervisor changes.
  bool is_helper(const std::string& command) const;
  /// For the end of the pod: removes the tables, and its elements of that of all pods, and then the kernel's records of connections that lead to the pod. What
  /// cannot be removed is logged: it ends with the pause, or after a while. The links go with their namespaces.
  void disconnect();
  /// Closes all ports and tables, when the pause is gone: nobody else has them then.
  void release();

 private:
  /// What is kept of one network.
  struct Network {
    std::size_t index;  ///< in the plan
    Fd filter;
    SharedTable shared;
    std::vector<std::vector<Fd>> ports;  ///< by their order in the plan, one socket for each family
    std::vector<Fd> resolver;            ///< UDP and TCP
    Fd resolver_filter;                  ///< once a resolver was started
  };

  Result<> release_resolver(std::size_t index, Network& network);
  Result<> make(Network& network);
  Result<> change_elements(const Network& network, const pod::network::SharedFilter& step,
                           const std::vector<pod::nft::Element>& elements);
  Result<> perform(const pod::network::HostSetting& step, int site, Network& network);
  Result<> perform(const pod::network::Link& step, int site, Network& network);
  Result<> perform(const pod::network::PodEnd& step, int site, Network& network);
  Result<> perform(const pod::network::HostEnd& step, int site, Network& network);
  Result<> perform(const pod::network::Filter& step, int site, Network& network);
  Result<> perform(const pod::network::SharedFilter& step, int site, Network& network);
  Result<> perform(const pod::network::DockerRule& step, int site, Network& network);
  Result<> perform(const pod::network::ForgetConnections& step, int site, Network& network);
  Result<> perform(const pod::network::Resolver& step, int site, Network& network);
  // ---- pod_network_helpers.cpp ----
  Result<> confine(const pod::nft::Table& table, const std::string& hold, Fd& filter);
  Result<NewCommand> start_forwarder(const std::string& name);
  Result<NewCommand> start_resolver(const std::string& name, std::size_t index);

  Ports ports_;
  std::vector<Network> networks_;
  Fd forwarder_filter_;  ///< once a forwarder was started
  std::vector<std::unique_ptr<HelperOnDemand>> helpers_;
  std::optional<bool> published_ready_;  ///< empty: not known to this supervisor
  bool told_of_names_ = false;           ///< that they cannot be published
};

}  // namespace podrun::supervisor
