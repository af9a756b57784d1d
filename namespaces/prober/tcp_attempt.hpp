// tcpSocket: a connection. That it is made is success. Followed: Kubernetes pkg/probe/tcp/tcp.go.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/prober/attempt.hpp"

namespace podrun::prober {

/// An attempt to connect. "localhost" is 127.0.0.1, then ::1.
class TcpAttempt final : public Attempt {
 public:
  /// Its descriptor is in `epoll` with `mark` as its data.
  TcpAttempt(const Request& request, int epoll, std::uint64_t mark);
  ~TcpAttempt() override;

  std::optional<Outcome> begin() override;
  Outcome timed_out() const override;
  /// Its descriptor is ready.
  std::optional<Outcome> on_ready();

 private:
  std::optional<Outcome> try_next();
  std::optional<Outcome> on_result(int error);
  void close_socket();

  const Request& request_;
  int epoll_;
  std::uint64_t mark_;
  std::vector<std::string> addresses_;
  std::size_t next_ = 0;
  int fd_ = -1;
};

}  // namespace podrun::prober
