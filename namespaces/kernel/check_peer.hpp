// Who is at the other end of a Unix socket.
#pragma once

#include "pod/text/result.hpp"

namespace podrun::ns {

/// Whether the process that connected `socket` is of this process's user, in its PID namespace, and in its mount
/// namespace or in PID 1's: an error says what it is instead. SO_PEERCRED, unix(7); SO_PEERPIDFD, Linux 6.5, makes sure
/// that it is that very process. A container is none, whatever its user and whatever else it shares with the host. Nor
/// is who has ended since.
Result<> check_peer(int socket);

}  // namespace podrun::ns
