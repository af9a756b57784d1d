// Pairs of connected descriptors.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>

#include <utility>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Both ends; close-on-exec.
struct Channel {
  Fd first;
  Fd second;
};

/// pipe2(2): what is written to `second` is read from `first`.
inline Result<Channel> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_system("pipe");
  return Channel{Fd(ends[0]), Fd(ends[1])};
}

/// socketpair(2), SOCK_SEQPACKET.
inline Result<Channel> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return fail_system("socketpair");
  return Channel{Fd(ends[0]), Fd(ends[1])};
}

}  // namespace podrun::ns
