// Reads /etc/podrun/network.yaml, which says how the pods of the host are connected:
//
//   ipv4: {subnet: 10.77.0.0/16, masquerade: true}   # or off
//   ipv6: {subnet: fd12:3456:789a:1::/64}            # or off
//   mtu: 1500
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "pod/network/network_config.hpp"
#include "pod/text/diagnostic.hpp"

namespace podrun::pod {

/// The configuration in the text of the file. A text without content, that of a missing file, is the default one. On
/// failure all errors with their places: unknown and repeated fields, values of a wrong type, subnets that cannot be
/// those of pods, both families off. Never throws.
std::expected<NetworkConfig, std::vector<Diagnostic>> parse_network_file(std::string_view text);

}  // namespace podrun::pod
