// How podrun-forwarder is started. Both the program and the supervisor's side include this header; it uses libc alone.
//
//   podrun-forwarder POD [--idle S] [--session S] [--connect S] PROTOCOL=ADDRESS:PORT…
//
//   descriptors  3 …       the sockets of the host's ports: for each word its target's, "tcp=10.77.0.5:80",
//                          "udp=[fd00::5]:53" or "sctp=10.77.0.5:80"; TCP and SCTP: they listen
//                then      the empty directory that becomes its root, and the gate
#pragma once

#include <stdint.h>

namespace podrun::forwarder {

/// The first of the sockets.
inline constexpr int first_socket_fd = 3;
/// The user and group of forwarders: no other process has this number (helper::id).
inline constexpr uint32_t user_id = 2'147'000'003;
/// The largest number of sockets.
inline constexpr unsigned max_sockets = 4096;

/// How it exits. It exits with Idle when it has had nothing to do for a while: what comes then stays in the sockets.
enum Exit : int { idle = 0, cannot_run = 70 };

/// Its times, in seconds. The kernel forgets datagrams that are not answered after 30 s (nf_conntrack_udp_timeout): a
/// later answer to a client would be dropped as a new connection.
inline constexpr unsigned default_idle = 60, default_session = 30, default_connect = 10;

}  // namespace podrun::forwarder
