// The options of the forwarder's sockets. libc alone, no heap.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>

namespace podrun::forwarder {

inline void set_option(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

/// Of a socket to a target; and of a listening socket, from which connections inherit them, tcp(7). What is sent goes
/// out at once; a peer that has vanished without a word is noticed in the end. The kernel lets the buffers of others grow
/// to megabytes. Those of a forwarder stay small: slow readers cost little, and what passes through stays in caches.
inline void set_stream_options(int fd, uint8_t protocol) {
  constexpr int seconds_to_first_probe = 60, buffer_size = 208 * 1024;
  set_option(fd, SOL_SOCKET, SO_RCVBUF, buffer_size);
  set_option(fd, SOL_SOCKET, SO_SNDBUF, buffer_size);
  if (protocol != IPPROTO_TCP) return;
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds_to_first_probe);
}

/// close(2) resets the connection, socket(7).
inline void set_reset_at_close(int fd) {
  const linger at_once = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace podrun::forwarder
