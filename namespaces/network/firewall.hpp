// What other firewalls of the host do to the traffic of pods. A pod's own table can drop packets, but cannot let pass
// what another table drops: so that is said, with what lets it pass.
#pragma once

#include <string>
#include <vector>

#include "namespaces/network/kernel_network.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// What was found of the firewalls of a network namespace.
struct FirewallState {
  std::vector<BaseChain> chains{};   ///< of nf_tables, all that have a hook
  std::vector<std::string> names{};  ///< "FAMILY TABLE CHAIN" of those without one that tell whose a table is
  std::vector<std::string> legacy{}; ///< the tables of iptables-legacy: "ip filter", "ip6 nat"
};

/// Something that drops, or may drop, what goes to pods or comes from them.
struct FirewallObstacle {
  std::string what;  ///< "the policy of the chain \"ip filter FORWARD\" is drop (ufw)"
  std::string cure;  ///< what to do, as a sentence with the command in it; empty: podrun does what is needed itself

  bool operator==(const FirewallObstacle&) const = default;
};

/// Decides what is in the way of pods' traffic.
std::vector<FirewallObstacle> find_obstacles(const FirewallState& state);

/// Reads the firewalls of the caller's network namespace. `root` is the folder in which /proc is.
Result<FirewallState> read_firewalls(const std::string& root = "");

}  // namespace podrun::ns
