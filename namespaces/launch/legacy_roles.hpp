// The register of a pause before version 4 of the protocol, which tells descriptors apart by their order.
#pragma once

#include <vector>

#include "namespaces/launch/pause_client.hpp"

namespace podrun::ns {

/// Gives a container's descriptors the roles that they had by their order before version 4 of the pause protocol:
/// process, report, displayed, input if it has one, the seven of the log, dropped lines if there are any.
void assign_legacy_roles(std::vector<KeptFd>& fds);

/// Sorts the descriptors of a child in that order, in which such a pause must get them: it sends signals by the first.
std::vector<RoleFd> in_legacy_order(std::vector<RoleFd> fds);

}  // namespace podrun::ns
