// A stream that the caller gave us, written to without ever blocking and without changing it for others.
#pragma once

#include <cstddef>
#include <string_view>

#include "namespaces/kernel/fd.hpp"

namespace podrun::supervisor {

/// A terminal, device or FIFO is opened anew, so that O_NONBLOCK is ours alone; a socket is sent to with
/// MSG_DONTWAIT; a regular file is written to as it is, which keeps its position and O_APPEND. The program
/// ignores SIGPIPE.
class NonblockingOutput {
 public:
  /// INHERITED stays open and stays the caller's.
  explicit NonblockingOutput(int inherited);

  /// Writes what can be written now and returns how many bytes that was. What a disk has no room for is
  /// dropped. When nobody reads any more (EPIPE, EIO) the stream is closed for good and takes everything.
  std::size_t write(std::string_view text);

  /// Lets others come first: blocked_fd() is what a blocked write would leave. False if writes never block.
  bool yield();

  /// What to watch for EPOLLOUT before the next write, or -1: the last one took everything.
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
