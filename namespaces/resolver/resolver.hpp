// The resolver's loop. One thread; it waits in epoll(7) alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/resolver/connections.hpp"
#include "namespaces/resolver/forwarder.hpp"
#include "namespaces/resolver/lookup.hpp"
#include "namespaces/resolver/names_folder.hpp"

namespace podrun::resolver {

/// What a resolver serves.
struct Settings {
  std::string asking_namespace;            ///< that of the pod
  std::vector<SocketAddress> upstreams;
  std::vector<int> datagrams, listeners;   ///< its sockets, UDP and TCP
  int folder = -1;                         ///< of the names, open for reading
  std::int64_t idle = 0;                   ///< it ends after so many nanoseconds without a query
};

/// A resolver. All that opens something is done in the constructor.
class Resolver {
 public:
  explicit Resolver(Settings settings);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Serves until there was no query for the time `idle`.
  void run();

 private:
  void wait();
  std::int64_t due() const;
  void handle_event(std::uint64_t mark, std::uint32_t events);
  void read_datagrams(int socket);
  void handle_query(const Asker& asker, Bytes bytes);
  void forward(const Asker& asker, Query query, Bytes bytes, Answer answer);
  void finish(const Forwarded& question, Bytes reply, ReplyKind kind);
  void finish_alias(const Forwarded& question, Bytes reply, ReplyKind kind);
  void send(const Asker& asker, const Message& message);

  Settings settings_;
  int epoll_, interfaces_;  ///< interfaces_: a socket by which interfaces are looked up
  NamesFolder folder_;
  Names names_;
  InterfaceExists exists_;
  Forwarder forwarder_;
  Connections connections_;
  Message buffer_;
  std::size_t turns_ = 0;
  std::int64_t last_query_;
};

}  // namespace podrun::resolver
