// The requests by which podrun connects a pod to the host, as the floor sends them.
#pragma once

#include <string>

#include "pod/text/result.hpp"

namespace podrun::bench {

/// The interface on the host that they make.
inline constexpr char floor_interface[] = "podrun65000";

/// Writes them to a file: those for a pod with both families and without ports, on a host that forwards.
Result<> write_network_requests(const std::string& path);

}  // namespace podrun::bench
