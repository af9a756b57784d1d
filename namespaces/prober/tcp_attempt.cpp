// tcpSocket: a connection.
#include "namespaces/prober/tcp_attempt.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>

namespace podrun::prober {
namespace {

/// The address, as connect(2) takes it. Its length, or 0.
socklen_t fill_address(sockaddr_storage& storage, std::string text, std::uint16_t port) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  storage = {};
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return sizeof v4;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) != 1) return 0;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  return sizeof v6;
}

}  // namespace

TcpAttempt::TcpAttempt(const Request& request, int epoll, std::uint64_t mark)
    : request_(request), epoll_(epoll), mark_(mark) {
  if (request.host == "localhost") addresses_ = {"127.0.0.1", "::1"};
  else addresses_ = {request.host};
}

TcpAttempt::~TcpAttempt() { close_socket(); }

void TcpAttempt::close_socket() {
  // Without SO_LINGER, which the kubelet sets: close(2) could then wait a second for a peer that does not answer.
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::optional<Outcome> TcpAttempt::begin() { return try_next(); }

Outcome TcpAttempt::timed_out() const { return {pod::ProbeOutcome::Failure, timeout_words(request_)}; }

std::optional<Outcome> TcpAttempt::try_next() {
  sockaddr_storage address;
  const socklen_t length = fill_address(address, addresses_[next_++], request_.port);
  fd_ = ::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return on_result(errno);
  // On the loopback interface the result is known when this returns.
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), length) == 0) return on_result(0);
  if (errno != EINPROGRESS) return on_result(errno);
  epoll_event event{.events = EPOLLOUT, .data = {.u64 = mark_}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd_, &event) < 0) return on_result(errno);
  return std::nullopt;
}

std::optional<Outcome> TcpAttempt::on_ready() {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) < 0) error = errno;
  return on_result(error);
}

std::optional<Outcome> TcpAttempt::on_result(int error) {
  close_socket();
  if (error == 0) return Outcome{pod::ProbeOutcome::Success, "connected"};
  if (next_ < addresses_.size()) return try_next();
  return connection_failure(request_, error);
}

}  // namespace podrun::prober
