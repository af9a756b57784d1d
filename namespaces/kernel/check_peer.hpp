// Checks which process is at the other end of a Unix socket.
#pragma once

#include "pod/text/result.hpp"

namespace podrun::ns {

/// Succeeds if the process that connected `socket` has the user of this process, is in its PID namespace, and is in its
/// mount namespace or in that of PID 1; otherwise the error says which of these differs. SO_PEERCRED of unix(7) tells
/// the process; SO_PEERPIDFD, Linux 6.5, makes sure that its pid has not been reused. A container's process never
/// passes, whatever its user and whatever else it shares with the host. A process that has ended does not pass either.
Result<> check_peer(int socket);

}  // namespace podrun::ns
