// The connections of a forwarder: accepts them, connects each to its target, and relays until both sides have ended.
// libc alone, no heap.
#pragma once

#include <stdint.h>

#include "namespaces/forwarder/forwarder_protocol.hpp"
#include "namespaces/forwarder/poller.hpp"
#include "namespaces/forwarder/relay.hpp"
#include "namespaces/forwarder/target.hpp"

namespace podrun::forwarder {

/// The largest number of connections at once.
inline constexpr unsigned max_connections = 16384;

/// A listening socket of the host.
struct Listener {
  int fd;            ///< -1: it listens no more
  Target target;
  uint32_t waiting;  ///< its connection that has no socket to the target yet, for lack of something
  int64_t retry_at;  ///< when it goes on after something was lacking
};

/// A connection. The client's side is the first.
struct Connection {
  enum class Phase : uint8_t { Free, Waiting, Connecting, Relaying };

  Side sides[2];
  bool ended[2];  ///< the end of file of sides[i] was passed on
  int64_t deadline;
  uint32_t previous, next;  ///< among those that connect, the oldest first; `next` also among free ones
  uint32_t next_in_turn;
  uint16_t listener;
  Phase phase;
  bool has_turn;
};

static_assert(sizeof(Connection) == 48);

/// All of them, in static storage that is zero at first, so that the program has no memory for those that never were.
/// Events only note what is possible; turns() then gives each connection its bounded turn.
class Connections {
 public:
  /// `timeout`: of a connect(2), in milliseconds.
  void set_up(const Poller& poller, int64_t timeout);
  /// Has at most that many at once; the others wait in the backlogs of their sockets.
  void limit_to(unsigned most) { most_ = most; }
  /// Adds a listening socket. Returns 0 or an errno.
  int add_listener(int fd, const Target& target);

  /// The time of the events that follow, monotonic_now().
  void set_time(int64_t now) { now_ = now; }
  void on_listener(uint32_t index);
  void on_event(Source side, uint32_t index, uint32_t events);
  /// Gives each connection that has something to do a turn.
  void turns();
  /// Ends attempts that take too long, and goes on where something was lacking.
  void tick();
  /// Makes room of what has ended since the last call: no event of the same batch can be taken for another's.
  void recycle();

  bool has_turns() const { return first_turn_ != none; }
  /// When tick() has something to do.
  int64_t next_tick() const;
  unsigned count() const { return count_; }

 private:
  bool has_room() const { return free_ != none || fresh_ < most_; }
  uint32_t take_free();
  void arm(uint32_t listener);
  void lack(uint32_t listener);
  void begin(int fd, uint32_t listener);
  void connect_target(uint32_t index);
  void finish_connect(uint32_t index);
  void relay(uint32_t index);
  void give_turn(uint32_t index);
  void unlink_connecting(Connection& connection);
  void end(uint32_t index, bool by_reset);

  Poller poller_;
  unsigned listeners_count_, count_, lacking_;
  int64_t timeout_, now_;
  uint32_t most_, fresh_;  ///< from `fresh_` on none was used
  uint32_t free_, ended_;
  uint32_t oldest_connecting_, newest_connecting_;
  uint32_t first_turn_, last_turn_;
  bool is_full_;
  Listener listeners_[max_sockets];
  Connection all_[max_connections];
};

}  // namespace podrun::forwarder
