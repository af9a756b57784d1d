// Moves bytes from one socket to another. libc alone, no heap.
//
// Bytes are looked at (MSG_PEEK), sent, and only then taken from their socket, as many as were sent. So nothing needs a
// place between the sockets: a reader that is slow holds up its writer, and what waits for it is in the kernel's buffers
// of these two sockets. splice(2) through a pipe costs as much, because the receiver then copies from memory that no
// cache has, and a connection would need four more descriptors.
#pragma once

#include <stdint.h>

namespace podrun::forwarder {

/// One end of a connection. The flags say that a call may succeed; epoll(7) reports edges.
struct Side {
  int fd;  ///< -1: there is none yet
  bool readable;
  bool writable;
  bool ending;  ///< its end of file or an error has come, which may be behind bytes
};

/// What became of a flow at its turn.
enum class Turn : uint8_t { Waits, HasMore, Ended, Broken };

/// Moves what there is, up to the bound of one turn. `in_messages`: SCTP, whose messages are kept apart. Ended: the end of file was
/// passed on, shutdown(2). Broken: one of the sockets has failed.
Turn move_bytes(Side& from, Side& to, bool in_messages);

}  // namespace podrun::forwarder
