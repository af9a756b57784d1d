// The event loop of a forwarder. libc alone, no heap.
#pragma once

#include <stdint.h>

#include "namespaces/forwarder/connections.hpp"
#include "namespaces/forwarder/datagrams.hpp"
#include "namespaces/forwarder/forwarder_protocol.hpp"
#include "namespaces/forwarder/poller.hpp"
#include "namespaces/forwarder/target.hpp"

namespace podrun::forwarder {

/// Its times in seconds.
struct Times {
  unsigned idle = default_idle;
  unsigned session = default_session;
  unsigned connect = default_connect;
};

/// The whole of it: an object of static storage, zero at first, whose pages are used as far as there are connections
/// and sessions.
class Forwarder {
 public:
  /// Prepares for sockets. Returns 0 or an errno.
  int set_up(const Times& times);
  /// Adds the socket of a host's port, and sets its options. Returns 0 or an errno.
  int add(int fd, const Target& target);
  /// Has only as many connections as there are descriptors for; some stay for datagrams, if there are such ports.
  void share_out(uint64_t descriptors);
  /// Forwards until there was nothing to do for the idle time. Returns an exit status.
  int run();

 private:
  void handle(const epoll_event& event);
  int wait_time(int64_t now) const;

  Poller poller_;
  Connections connections_;
  Datagrams datagrams_;
  int64_t idle_, idle_until_;
  unsigned sockets_;
  bool has_datagrams_;
};

}  // namespace podrun::forwarder
