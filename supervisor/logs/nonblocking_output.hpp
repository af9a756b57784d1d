// Writes to a descriptor of the caller without blocking, and without changing it for other processes.
#pragma once

#include <cstddef>
#include <string_view>

#include "namespaces/kernel/fd.hpp"

namespace podrun::supervisor {

/// A terminal, device or FIFO is opened anew, so that O_NONBLOCK applies to this process only. A socket is written to
/// with MSG_DONTWAIT. A regular file is used as it is, which keeps its position and O_APPEND. SIGPIPE must be ignored.
class NonblockingOutput {
 public:
  /// `inherited` stays open and remains the caller's.
  explicit NonblockingOutput(int inherited);

  /// Writes as much as possible now and returns the number of bytes. Text for a full disk is dropped. Once the reader
  /// is gone (EPIPE, EIO), the stream is closed, and all text is accepted and discarded.
  std::size_t write(std::string_view text);

  /// Makes blocked_fd() return what it would after a blocked write, so that other events are handled first. False if
  /// writes never block.
  bool yield();

  /// The descriptor to watch for EPOLLOUT before the next write, or -1: the last write took everything.
  int blocked_fd() const { return blocked_ ? fd_ : -1; }

 private:
  enum class Way { Own, Guarded, Socket, File, Closed };

  long attempt(std::string_view text) const;

  Way way_ = Way::Closed;
  Fd own_;
  int fd_;
  bool blocked_ = false;
};

}  // namespace podrun::supervisor
