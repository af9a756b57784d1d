// Clients that ask by TCP. A connection has one query at a time; what it sends meanwhile waits in the kernel.
//
//   reading ──a whole query──▶ answering ──the answer is known──▶ writing ──it is sent──▶ reading
#pragma once

#include <cstdint>
#include <functional>
#include <list>

#include "namespaces/resolver/descriptor.hpp"
#include "namespaces/resolver/message.hpp"

namespace podrun::resolver {

/// How many there are at most, and how long one may take to send a query or to take an answer, in nanoseconds.
inline constexpr std::size_t most_connections = 32;
inline constexpr std::int64_t connection_time = 10'000'000'000;

/// The connections.
class Connections {
 public:
  using Ask = std::function<void(std::uint64_t connection, Bytes query)>;

  Connections(int epoll, Ask ask) : epoll_(epoll), ask_(std::move(ask)) {}

  /// Accepts one. If there are too many, the one that has waited longest ends.
  void accept(int socket);
  void on_ready(std::uint64_t mark);
  /// Gives a connection its answer, if it is still there.
  void answer(std::uint64_t mark, const Message& message);
  /// Ends a connection.
  void end(std::uint64_t mark);
  /// Ends those that have taken too long.
  void on_time(std::int64_t now);
  /// When on_time() is due; -1: never.
  std::int64_t due() const;
  std::size_t count() const { return connections_.size(); }

  static bool is_ours(std::uint64_t mark) { return (mark & mark_bit) != 0; }

 private:
  static constexpr std::uint64_t mark_bit = std::uint64_t{1} << 62;
  enum class State : std::uint8_t { Reading, Answering, Writing };

  struct Connection {
    std::uint64_t mark;
    Descriptor socket;
    std::int64_t deadline;  ///< of reading and writing
    State state = State::Reading;
    Message bytes{};        ///< what has been read, or is written; with its length before it
    std::size_t sent = 0;
  };
  using Place = std::list<Connection>::iterator;

  Place find(std::uint64_t mark);
  void read(Place connection);
  void write(Place connection);
  void wait_for(Connection& connection, std::uint32_t events) const;

  int epoll_;
  Ask ask_;
  std::list<Connection> connections_;
  std::uint64_t next_mark_ = 0;
};

}  // namespace podrun::resolver
