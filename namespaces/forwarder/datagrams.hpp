// Datagrams: each client of a port has a session, which is a socket connected to the target. What the target answers
// goes back from the host's socket, with the address as source that the client has sent to. libc alone, no heap.
#pragma once

#include <stdint.h>

#include "namespaces/forwarder/forwarder_protocol.hpp"
#include "namespaces/forwarder/poller.hpp"
#include "namespaces/forwarder/target.hpp"

namespace podrun::forwarder {

/// The largest number of sessions in all, and of one port: then the one that was idle longest gives way.
inline constexpr unsigned max_sessions = 16384, max_sessions_of_a_port = 1024;

/// Who sends to what: this tells sessions apart.
struct Ends {
  SocketAddress client;
  in6_addr local;  ///< the address that the client sends to; of IPv4 the first four bytes
  uint32_t port;   ///< the index of the host's socket
};

struct Session {
  Ends ends;
  int fd;  ///< -1: it has ended
  int64_t expires_at;
  uint32_t older, newer;  ///< among those of its port; `newer` also among free ones
  uint32_t next;          ///< in its bucket
};

/// A UDP socket of the host, with its sessions by the time of their last datagram.
struct DatagramPort {
  int fd;
  Target target;
  uint32_t oldest, newest;
  unsigned count;
};

/// All UDP ports and their sessions, in static storage that is zero at first.
class Datagrams {
 public:
  /// `lifetime`: of a session without datagrams, in milliseconds. `seed`: a secret
  /// number, so that nobody can choose clients that share a bucket.
  void set_up(const Poller& poller, int64_t lifetime, uint32_t seed);
  /// Adds a socket of the host. Returns 0 or an errno.
  int add_port(int fd, const Target& target);

  /// The time of the events that follow, monotonic_now().
  void set_time(int64_t now) { now_ = now; }
  /// The socket of the host is readable.
  void on_port(uint32_t index);
  /// That of a session is readable, or has an error.
  void on_session(uint32_t index);
  /// Ends sessions that are too old.
  void tick();

  /// When tick() has something to do.
  int64_t next_tick() const { return count_ > 0 ? next_expiry_ : never; }
  unsigned count() const { return count_; }

 private:
  bool has_room() const { return free_ != none || fresh_ < max_sessions; }
  uint32_t take_free();
  uint32_t bucket_of(const Ends& ends) const;
  uint32_t find(const Ends& ends) const;
  uint32_t open(const Ends& ends);
  int connect_session(const Target& target);
  bool make_room(uint32_t port);
  void use(uint32_t index);
  void unlink(uint32_t index);
  void append(uint32_t index);
  void end(uint32_t index);
  bool reply(const Session& session, size_t length);

  static constexpr uint32_t bucket_count = 4096;

  Poller poller_;
  unsigned ports_count_, count_;
  int64_t lifetime_, now_, next_expiry_;
  uint32_t seed_;
  uint32_t fresh_, free_;  ///< from `fresh_` on none was used
  DatagramPort ports_[max_sockets];
  Session all_[max_sessions];
  uint32_t buckets_[bucket_count];
  char datagram_[64 * 1024];
};

}  // namespace podrun::forwarder
