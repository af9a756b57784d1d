// Clients that ask by TCP.
#include "namespaces/resolver/connections.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "namespaces/resolver/forwarder.hpp"

namespace podrun::resolver {

void Connections::accept(int socket) {
  Descriptor accepted(::accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!accepted) return;
  if (connections_.size() >= most_connections)
    connections_.erase(std::ranges::min_element(connections_, {}, &Connection::deadline));
  const std::uint64_t mark = mark_bit | ++next_mark_;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = mark}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, accepted.get(), &event) < 0) return;
  connections_.push_back({mark, std::move(accepted), monotonic_now() + connection_time});
}

Connections::Place Connections::find(std::uint64_t mark) {
  return std::ranges::find(connections_, mark, &Connection::mark);
}

void Connections::wait_for(Connection& connection, std::uint32_t events) const {
  epoll_event event{.events = events, .data = {.u64 = connection.mark}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.socket.get(), &event);
}

void Connections::on_ready(std::uint64_t mark) {
  const Place connection = find(mark);
  if (connection == connections_.end()) return;
  switch (connection->state) {
    case State::Reading: return read(connection);
    case State::Writing: return write(connection);
    case State::Answering: connections_.erase(connection);  // an error: nothing else is waited for
  }
}

void Connections::read(Place connection) {
  Message& bytes = connection->bytes;
  const auto wanted = [&] { return bytes.size() < 2 ? 2 : 2 + std::size_t{bytes[0]} * 256 + bytes[1]; };
  std::array<unsigned char, 2 + longest_query> buffer;
  while (bytes.size() < wanted()) {
    if (wanted() > buffer.size()) return (void)connections_.erase(connection);
    const ssize_t length = ::recv(connection->socket.get(), buffer.data(), wanted() - bytes.size(), 0);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (length <= 0) return (void)connections_.erase(connection);
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + length);
    if (bytes.size() == 2 && wanted() == 2) return (void)connections_.erase(connection);  // an empty message
  }
  const Message query(bytes.begin() + 2, bytes.end());
  const std::uint64_t mark = connection->mark;
  bytes.clear();
  connection->state = State::Answering;
  connection->deadline = INT64_MAX;  // that of the query counts
  wait_for(*connection, 0);
  ask_(mark, query);
}

void Connections::answer(std::uint64_t mark, const Message& message) {
  const Place connection = find(mark);
  if (connection == connections_.end() || connection->state != State::Answering) return;
  connection->bytes = {static_cast<unsigned char>(message.size() >> 8), static_cast<unsigned char>(message.size())};
  connection->bytes.insert(connection->bytes.end(), message.begin(), message.end());
  connection->sent = 0;
  connection->state = State::Writing;
  connection->deadline = monotonic_now() + connection_time;
  write(connection);
}

void Connections::write(Place connection) {
  Message& bytes = connection->bytes;
  while (connection->sent < bytes.size()) {
    const ssize_t length = ::send(connection->socket.get(), bytes.data() + connection->sent,
                                  bytes.size() - connection->sent, MSG_NOSIGNAL);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return wait_for(*connection, EPOLLOUT);
    if (length < 0) return (void)connections_.erase(connection);
    connection->sent += static_cast<std::size_t>(length);
  }
  bytes = {};
  connection->state = State::Reading;
  connection->deadline = monotonic_now() + connection_time;
  wait_for(*connection, EPOLLIN);
}

void Connections::end(std::uint64_t mark) {
  if (const Place connection = find(mark); connection != connections_.end()) connections_.erase(connection);
}

void Connections::on_time(std::int64_t now) {
  std::erase_if(connections_, [now](const Connection& connection) { return connection.deadline <= now; });
}

std::int64_t Connections::due() const {
  const auto first = std::ranges::min_element(connections_, {}, &Connection::deadline);
  return first == connections_.end() || first->deadline == INT64_MAX ? -1 : first->deadline;
}

}  // namespace podrun::resolver
