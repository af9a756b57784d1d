// Where the probers of a pod are started: the network namespace of each container, and what a prober needs beside it.
#pragma once

#include <functional>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/start_prober.hpp"
#include "pod/text/result.hpp"
#include "supervisor/network/network_prober.hpp"
#include "supervisor/engine/pod_context.hpp"
#include "supervisor/engine/sandbox.hpp"

namespace podrun::supervisor {

/// Whether a container has a probe or a hook that a prober performs.
bool has_network_actions(const pod::ContainerPlan& container);

/// The network namespaces of one pod's containers.
class ProberSites {
 public:
  /// Opens the program if the pod needs it: a package upgrade may replace it. `process_of`: see ContainerPorts.
  ProberSites(const PodContext& pod, const Sandbox& sandbox,
              std::function<Result<ns::Process>(const std::string& container)> process_of);

  /// See NetworkProber::Ports.
  Result<NetworkId> network_of(std::size_t container) const;
  Result<ns::StartedProber> start(std::size_t container);
  /// Starts the prober of a hook, as a child of the pause: see ns::start_hook_prober().
  Result<ns::StartedHook> start_hook(std::size_t container, const prober::Request& request, int output);

 private:
  struct Network {
    NetworkId id = network_of_pod;
    ns::Process process{};  ///< one that is in it, unless it is the host's
  };
  struct Site {
    ns::Process process;
    Fd cgroup;
    ns::ProberSite site;
  };
  Result<Network> find_network(std::size_t container) const;
  Result<Site> site_of(std::size_t container);

  const PodContext& pod_;
  const Sandbox& sandbox_;
  std::function<Result<ns::Process>(const std::string& container)> process_of_;
  Result<Fd> program_ = fail("podrun-prober was not opened");
  Fd empty_root_;
};

}  // namespace podrun::supervisor
