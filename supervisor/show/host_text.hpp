// Formats the host's facts for people, with the consequences of what is missing. Pure.
#pragma once

#include <string>
#include <vector>

#include "namespaces/network/firewall.hpp"
#include "pod/spec/host_facts.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The output of `podrun info`. `obstacles`: what of the host's firewalls is in the way of pods.
std::string host_text(const pod::HostFacts& facts, const Layout& layout, const std::vector<std::string>& image_roots,
                      const std::vector<ns::FirewallObstacle>& obstacles);

}  // namespace podrun::supervisor
