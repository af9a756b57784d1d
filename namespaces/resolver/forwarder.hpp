// Asks the host's resolvers what podrun does not know.
//
// Each attempt has a socket of its own, connected to one upstream, with a source port of the kernel's choice and a random
// id: who cannot see the query cannot answer it. A reply that does not fit the query is ignored. After an attempt without
// a reply the next upstream is asked.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "namespaces/resolver/descriptor.hpp"
#include "namespaces/resolver/message.hpp"

namespace podrun::resolver {

/// An address and port.
struct SocketAddress {
  sockaddr_storage address{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

/// Who has asked: a socket and an address, or a connection.
struct Asker {
  int socket = -1;               ///< of datagrams; -1: a connection
  SocketAddress client{};        ///< of a datagram
  std::uint64_t connection = 0;

  bool is_by_tcp() const { return socket < 0; }
};

/// A question for the upstreams.
struct Forwarded {
  Asker asker;
  Query query;
  std::optional<Answer> alias{};  ///< what precedes the upstream's answer: the records so far
  Message message{};              ///< as it is sent
  bool by_tcp = false;
};

/// What is in flight at most, and how long an attempt takes, in nanoseconds.
inline constexpr std::size_t most_in_flight = 256;
inline constexpr std::int64_t udp_attempt = 1'500'000'000, tcp_attempt = 3'000'000'000;
/// Where a pod's resolvers are looked for: resolv.conf(5).
inline constexpr std::size_t most_upstreams = 3;

std::int64_t monotonic_now();

/// The queries in flight.
class Forwarder {
 public:
  /// Is told the reply: a message that fits the query, and whose kind is not Wrong. Empty: no upstream has answered.
  using Done = std::function<void(const Forwarded&, Bytes reply, ReplyKind kind)>;

  Forwarder(int epoll, std::vector<SocketAddress> upstreams, Done done);

  /// Begins one. If too many are in flight, the oldest ends without a reply.
  void ask(Forwarded question);
  /// A socket of one is ready; `mark` is what epoll(7) has of it.
  void on_ready(std::uint64_t mark, std::uint32_t events);
  /// Ends the attempts that have taken too long.
  void on_time(std::int64_t now);
  /// When on_time() is due; -1: never.
  std::int64_t due() const;
  std::size_t in_flight() const { return flights_.size(); }

  /// Whether a mark is one of the forwarder's.
  static bool is_ours(std::uint64_t mark) { return (mark & mark_bit) != 0; }

 private:
  static constexpr std::uint64_t mark_bit = std::uint64_t{1} << 63;

  struct Flight {
    Forwarded question;
    std::uint64_t mark = 0;
    std::size_t upstream = 0;  ///< its index
    std::size_t attempts = 0;
    std::int64_t deadline = 0;
    Descriptor socket{};
    // ---- TCP ----
    bool is_sent = false;
    Message received{};        ///< with its length before it
  };
  using Flights = std::list<Flight>;  ///< the oldest first

  void attempt(Flights::iterator flight);
  bool begin(Flight& flight);
  void next_attempt(Flights::iterator flight);
  void end(Flights::iterator flight, Bytes reply, ReplyKind kind);
  void read_datagrams(Flights::iterator flight);
  void advance_connection(Flights::iterator flight, std::uint32_t events);
  bool send_by_tcp(Flight& flight);
  void take_reply(Flights::iterator flight, Bytes reply);

  int epoll_;
  std::vector<SocketAddress> upstreams_;
  Done done_;
  Flights flights_;
  std::unordered_map<std::uint64_t, Flights::iterator> by_mark_;
  std::uint64_t next_mark_ = 0;
  std::size_t preferred_ = 0;  ///< the upstream that has answered last
  Message buffer_;
};

}  // namespace podrun::resolver
