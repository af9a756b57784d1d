// The connections of a forwarder.
#include "namespaces/forwarder/connections.hpp"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "namespaces/forwarder/socket_options.hpp"

namespace podrun::forwarder {
namespace {

using Phase = Connection::Phase;

constexpr int accepts_a_turn = 64;
constexpr int64_t retry_after = 100;  // ms
constexpr uint32_t edges = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

/// Whether an error means that there is not enough of something at the moment. EADDRNOTAVAIL: of local ports, most of
/// which may be in TIME_WAIT after very many short connections.
bool is_lack(int error) {
  return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS || error == EADDRNOTAVAIL;
}

}  // namespace

void Connections::set_up(const Poller& poller, int64_t timeout) {
  poller_ = poller;
  most_ = max_connections;
  timeout_ = timeout;
  free_ = ended_ = oldest_connecting_ = newest_connecting_ = first_turn_ = last_turn_ = none;
}

int Connections::add_listener(int fd, const Target& target) {
  const uint32_t index = listeners_count_++;
  listeners_[index] = {.fd = fd, .target = target, .waiting = none, .retry_at = never};
  return poller_.add(fd, EPOLLIN, Source::Listener, index) ? 0 : errno;
}

// ---- accepting ----

/// Watches a listener unless there is no room, or it waits for something.
void Connections::arm(uint32_t index) {
  Listener& listener = listeners_[index];
  const bool watched = !is_full_ && listener.retry_at == never;
  if (listener.fd >= 0) poller_.change(listener.fd, watched ? EPOLLIN : 0, Source::Listener, index);
}

/// Leaves a listener alone for a while, because something is lacking: clients wait in its backlog.
void Connections::lack(uint32_t index) {
  if (listeners_[index].retry_at == never) ++lacking_;
  listeners_[index].retry_at = now_ + retry_after;
  arm(index);
}

void Connections::on_listener(uint32_t index) {
  Listener& listener = listeners_[index];
  for (int i = 0; i < accepts_a_turn && listener.fd >= 0 && listener.retry_at == never && !is_full_; ++i) {
    const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      begin(fd, index);
    } else if (errno == EAGAIN) {
      return;
    } else if (is_lack(errno)) {
      return lack(index);
    } else if (errno == EINVAL || errno == EBADF || errno == ENOTSOCK || errno == EOPNOTSUPP) {
      epoll_ctl(poller_.fd, EPOLL_CTL_DEL, listener.fd, nullptr);  // it listens no more
      listener.fd = -1;
    }
  }
}

uint32_t Connections::take_free() {
  if (free_ == none) return fresh_++;
  const uint32_t index = free_;
  free_ = all_[index].next;
  return index;
}

void Connections::begin(int fd, uint32_t listener) {
  const uint32_t index = take_free();
  Connection& connection = all_[index];
  connection = {};
  connection.sides[0] = {.fd = fd, .readable = true, .writable = true, .ending = false};
  connection.sides[1].fd = -1;
  connection.listener = static_cast<uint16_t>(listener);
  connection.phase = Phase::Waiting;
  connection.deadline = now_ + timeout_;
  ++count_;
  if (!poller_.add(fd, edges, Source::Client, index)) end(index, true);
  else connect_target(index);
  if (has_room() || is_full_) return;
  is_full_ = true;
  for (uint32_t i = 0; i < listeners_count_; ++i) arm(i);
}

// ---- connecting ----

void Connections::connect_target(uint32_t index) {
  Connection& connection = all_[index];
  Listener& listener = listeners_[connection.listener];
  const Target& target = listener.target;
  const int fd = socket(target.address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, target.protocol);
  int error = fd < 0 ? errno : 0;
  if (error == 0) {
    set_stream_options(fd, target.protocol);
    if (connect(fd, &target.address.any, size_of(target.address)) < 0 && errno != EINPROGRESS) error = errno;
  }
  if (error != 0 && fd >= 0) close(fd);
  if (is_lack(error) && now_ < connection.deadline) {
    listener.waiting = index;
    return lack(connection.listener);
  }
  if (error != 0) return end(index, true);
  connection.sides[1].fd = fd;
  connection.phase = Phase::Connecting;
  connection.previous = newest_connecting_;
  connection.next = none;
  (newest_connecting_ == none ? oldest_connecting_ : all_[newest_connecting_].next) = index;
  newest_connecting_ = index;
  if (!poller_.add(fd, edges, Source::Target, index)) end(index, true);
}

void Connections::unlink_connecting(Connection& connection) {
  (connection.previous == none ? oldest_connecting_ : all_[connection.previous].next) = connection.next;
  (connection.next == none ? newest_connecting_ : all_[connection.next].previous) = connection.previous;
}

void Connections::finish_connect(uint32_t index) {
  Connection& connection = all_[index];
  // The pod may have sent something and reset the connection already: that error is found by reading, after what came
  // before it.
  char byte;
  if (recv(connection.sides[1].fd, &byte, 1, MSG_PEEK) < 0 && errno != EAGAIN) return end(index, true);
  unlink_connecting(connection);
  connection.phase = Phase::Relaying;
  give_turn(index);
}

// ---- relaying ----

void Connections::on_event(Source source, uint32_t index, uint32_t events) {
  Connection& connection = all_[index];
  if (connection.phase == Phase::Free) return;  // it has ended in this batch
  const unsigned number = source == Source::Target;
  Side& side = connection.sides[number];
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) side.readable = true;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) side.ending = true;
  if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) side.writable = true;
  if (connection.phase == Phase::Relaying) {
    // A reset is found by reading, after what came before it; at once where nothing is read any more or yet.
    const bool is_read = !connection.ended[number] && connection.sides[1 - number].writable;
    if ((events & EPOLLERR) != 0 && !is_read) end(index, true);
    else give_turn(index);
  } else if (number == 1) {
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) finish_connect(index);
  } else if ((events & EPOLLERR) != 0) {
    end(index, true);
  }
}

void Connections::give_turn(uint32_t index) {
  Connection& connection = all_[index];
  if (connection.has_turn) return;
  connection.has_turn = true;
  connection.next_in_turn = none;
  (last_turn_ == none ? first_turn_ : all_[last_turn_].next_in_turn) = index;
  last_turn_ = index;
}

void Connections::turns() {
  uint32_t index = first_turn_;
  first_turn_ = last_turn_ = none;
  while (index != none) {
    Connection& connection = all_[index];
    const uint32_t next = connection.next_in_turn;
    connection.has_turn = false;
    if (connection.phase == Phase::Relaying) relay(index);
    index = next;
  }
}

void Connections::relay(uint32_t index) {
  Connection& connection = all_[index];
  const bool in_messages = listeners_[connection.listener].target.protocol == IPPROTO_SCTP;
  bool has_more = false;
  for (unsigned i = 0; i < 2; ++i) {
    if (connection.ended[i]) continue;
    const Turn turn = move_bytes(connection.sides[i], connection.sides[1 - i], in_messages);
    if (turn == Turn::Broken) return end(index, true);
    connection.ended[i] = turn == Turn::Ended;
    has_more = has_more || turn == Turn::HasMore;
  }
  if (connection.ended[0] && connection.ended[1]) end(index, false);
  else if (has_more) give_turn(index);
}

// ---- ends and times ----

/// Ends a connection. `by_reset`: both sides see a reset, as if there was nobody between them.
void Connections::end(uint32_t index, bool by_reset) {
  Connection& connection = all_[index];
  for (Side& side : connection.sides) {
    if (side.fd < 0) continue;
    if (by_reset) set_reset_at_close(side.fd);
    close(side.fd);
    side.fd = -1;
  }
  if (connection.phase == Phase::Connecting) unlink_connecting(connection);
  Listener& listener = listeners_[connection.listener];
  if (listener.waiting == index) listener.waiting = none;
  connection.phase = Phase::Free;
  connection.next = ended_;
  ended_ = index;
  --count_;
}

void Connections::recycle() {
  if (ended_ == none) return;
  while (ended_ != none) {
    const uint32_t index = ended_;
    ended_ = all_[index].next;
    all_[index].next = free_;
    free_ = index;
  }
  if (!is_full_) return;
  is_full_ = false;
  for (uint32_t i = 0; i < listeners_count_; ++i) arm(i);
}

int64_t Connections::next_tick() const {
  const int64_t retry = lacking_ > 0 ? now_ + retry_after : never;
  const int64_t timeout = oldest_connecting_ == none ? never : all_[oldest_connecting_].deadline;
  return retry < timeout ? retry : timeout;
}

void Connections::tick() {
  while (oldest_connecting_ != none && all_[oldest_connecting_].deadline <= now_) end(oldest_connecting_, true);
  if (lacking_ == 0) return;
  for (uint32_t i = 0; i < listeners_count_; ++i) {
    Listener& listener = listeners_[i];
    if (listener.retry_at > now_) continue;
    listener.retry_at = never;
    --lacking_;
    const uint32_t waiting = listener.waiting;
    listener.waiting = none;
    if (waiting != none) connect_target(waiting);  // which may find it lacking again
    if (listener.retry_at == never) arm(i);
  }
}

}  // namespace podrun::forwarder
