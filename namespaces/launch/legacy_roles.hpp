// Adopts children that an older version of podrun has registered.
#pragma once

#include <vector>

#include "namespaces/launch/pause_client.hpp"

namespace podrun::ns {

/// Gives a container's descriptors the roles that they had by their order before version 4 of the pause protocol:
/// process, report, displayed, input if it has one, the seven of the log, dropped lines if there are any.
void assign_legacy_roles(std::vector<KeptFd>& fds);

}  // namespace podrun::ns
