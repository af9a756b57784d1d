// What podrun-resolver is given at its start: by the starter, namespaces/launch/start_resolver.hpp.
//
//   argv         podrun-resolver NAMESPACE_NAME --user UID --sockets COUNT --idle SECONDS UPSTREAM…
//                COUNT sockets: UDP and TCP in turn; UPSTREAM is an address
//   descriptors  3           the folder of the names, O_PATH
//                4 …         the sockets, which are bound; those of TCP listen
//                then        an empty directory that becomes the root
//                then        the gate, at which it waits until it is registered with the pause
#pragma once

namespace podrun::resolver {

inline constexpr int folder_fd = 3, first_socket_fd = 4, most_sockets = 8;
/// Where its root and its gate are.
constexpr int root_fd(int sockets) { return first_socket_fd + sockets; }
constexpr int gate_fd(int sockets) { return root_fd(sockets) + 1; }

/// How it exits: after its idle time; without having served.
enum ResolverExit : int { was_idle = 0, cannot_run = 70 };

}  // namespace podrun::resolver
