// Moves bytes from one socket to another.
#include "namespaces/forwarder/relay.hpp"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

namespace podrun::forwarder {
namespace {

/// What one direction of a connection may move before others have their turn.
constexpr size_t most_a_turn = 512 * 1024;

/// Small enough for a processor's cache.
char bytes[128 * 1024];

}  // namespace

Turn move_bytes(Side& from, Side& to, bool in_messages) {
  for (size_t moved = 0; moved < most_a_turn;) {
    if (!from.readable || !to.writable) return Turn::Waits;
    const ssize_t length = recv(from.fd, bytes, sizeof bytes, MSG_PEEK);
    if (length < 0 && errno != EAGAIN) return Turn::Broken;
    if (length < 0) from.readable = false;
    if (length < 0) continue;
    if (length == 0) {
      shutdown(to.fd, SHUT_WR);
      return Turn::Ended;
    }
    const ssize_t sent = send(to.fd, bytes, static_cast<size_t>(length), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return Turn::Broken;
    // Where only a part has room, epoll(7) reports the next room.
    if (sent < length) to.writable = false;
    if (sent <= 0) continue;
    if (recv(from.fd, bytes, static_cast<size_t>(sent), MSG_TRUNC) != sent) return Turn::Broken;
    // Of a stream there was no more, and what comes after it is reported.
    const bool is_all = !in_messages && sent == length && length < static_cast<ssize_t>(sizeof bytes);
    if (is_all) from.readable = from.ending;
    moved += static_cast<size_t>(sent);
  }
  return Turn::HasMore;
}

}  // namespace podrun::forwarder
