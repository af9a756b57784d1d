// How the pods of the host are connected: `podrun network`. Pure.
#pragma once

#include <string>
#include <vector>

#include "namespaces/network/firewall.hpp"
#include "namespaces/resolver/names.hpp"
#include "pod/network/network_config.hpp"
#include "supervisor/state/network_record.hpp"

namespace podrun::supervisor {

/// A pod that runs.
struct ConnectedPod {
  std::string name;  ///< as users write it: pod::pod_name()
  bool host_network = false;
  std::vector<NetworkRecord> networks{};  ///< none: its containers have loopback interfaces alone
  std::vector<std::string> names{};       ///< by which other pods find it
};

/// What `podrun network` shows.
struct NetworkView {
  pod::NetworkFacts facts{};
  std::vector<std::string> changed{};         ///< kernel parameters of the host that pods have changed
  std::vector<ConnectedPod> pods{};
  std::vector<ns::FirewallObstacle> obstacles{};
};

/// The names of a pod in the pods' domain, without those that only add its suffix: "web", "db-0.db", and the Services
/// that select it.
std::vector<std::string> names_of(const resolver::PublishedPod& pod, const std::vector<resolver::PublishedPod>& all);

std::string to_text(const NetworkView& view);
std::string to_json(const NetworkView& view);
/// A picture: the host, its interfaces, and each pod with its addresses and ports.
std::string to_svg(const NetworkView& view);

}  // namespace podrun::supervisor
