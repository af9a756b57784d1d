// Asks the host's resolvers what podrun does not know.
#include "namespaces/resolver/forwarder.hpp"

#include <sys/epoll.h>
#include <sys/random.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace podrun::resolver {
namespace {

/// Replies that do not fit, of one socket, before others have their turn.
constexpr int most_datagrams = 16;

std::uint16_t random_id() {
  std::uint16_t id = 0;
  while (::getrandom(&id, sizeof id, 0) < 0 && errno == EINTR) {}
  return id;
}

/// A message with its length before it, as TCP has it.
Message framed(const Message& message) {
  Message bytes{static_cast<unsigned char>(message.size() >> 8), static_cast<unsigned char>(message.size())};
  bytes.insert(bytes.end(), message.begin(), message.end());
  return bytes;
}

/// Whether another upstream may know more.
bool is_failure(Rcode code) { return code == Rcode::ServerFailure || code == Rcode::Refused; }

}  // namespace

std::int64_t monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

Forwarder::Forwarder(int epoll, std::vector<SocketAddress> upstreams, Done done)
    : epoll_(epoll), upstreams_(std::move(upstreams)), done_(std::move(done)), buffer_(longest_message) {
  if (upstreams_.size() > most_upstreams) upstreams_.resize(most_upstreams);
}

// ---- attempts ----

void Forwarder::ask(Forwarded question) {
  if (upstreams_.empty() || question.message.size() < shortest_message) return done_(question, {}, ReplyKind::Wrong);
  if (flights_.size() >= most_in_flight) end(flights_.begin(), {}, ReplyKind::Wrong);
  flights_.push_back({.question = std::move(question), .upstream = preferred_});
  attempt(std::prev(flights_.end()));
}

/// Begins an attempt, with the next upstream if this one cannot be asked.
void Forwarder::attempt(Flights::iterator flight) {
  // A datagram may be lost, so one upstream is asked twice.
  const std::size_t most = std::max<std::size_t>(upstreams_.size(), 2);
  while (flight->attempts < most) {
    ++flight->attempts;
    if (begin(*flight)) {
      by_mark_.emplace(flight->mark, flight);
      return;
    }
    flight->upstream = (flight->upstream + 1) % upstreams_.size();
  }
  end(flight, {}, ReplyKind::Wrong);
}

bool Forwarder::begin(Flight& flight) {
  const SocketAddress& upstream = upstreams_[flight.upstream];
  const bool by_tcp = flight.question.by_tcp;
  flight.is_sent = false;
  flight.received.clear();
  flight.socket = Descriptor(::socket(upstream.address.ss_family,
                                      (by_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!flight.socket) return false;
  if (::connect(flight.socket.get(), upstream.get(), upstream.length) < 0 && errno != EINPROGRESS) return false;
  set_id(flight.question.message, random_id());
  const Message& message = flight.question.message;
  if (!by_tcp && ::send(flight.socket.get(), message.data(), message.size(), MSG_NOSIGNAL) < 0) return false;
  flight.mark = mark_bit | ++next_mark_;
  flight.deadline = monotonic_now() + (by_tcp ? tcp_attempt : udp_attempt);
  epoll_event event{.events = by_tcp ? EPOLLOUT : EPOLLIN, .data = {.u64 = flight.mark}};
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, flight.socket.get(), &event) == 0;
}

void Forwarder::next_attempt(Flights::iterator flight) {
  by_mark_.erase(flight->mark);
  flight->socket = Descriptor();
  flight->upstream = (flight->upstream + 1) % upstreams_.size();
  attempt(flight);
}

void Forwarder::end(Flights::iterator flight, Bytes reply, ReplyKind kind) {
  by_mark_.erase(flight->mark);
  const Flight ended = std::move(*flight);
  flights_.erase(flight);
  done_(ended.question, reply, kind);
}

// ---- what comes back ----

void Forwarder::on_ready(std::uint64_t mark, std::uint32_t events) {
  const auto found = by_mark_.find(mark);
  if (found == by_mark_.end()) return;  // it has ended meanwhile
  if (found->second->question.by_tcp) advance_connection(found->second, events);
  else read_datagrams(found->second);
}

void Forwarder::read_datagrams(Flights::iterator flight) {
  for (int i = 0; i < most_datagrams; ++i) {
    const ssize_t length = ::recv(flight->socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (length < 0) return next_attempt(flight);  // ECONNREFUSED and the like
    const Bytes reply(buffer_.data(), static_cast<std::size_t>(length));
    if (kind_of_reply(flight->question.message, reply) != ReplyKind::Wrong) return take_reply(flight, reply);
  }
}

bool Forwarder::send_by_tcp(Flight& flight) {
  // The message is smaller than the empty buffer of a new connection: it is sent in one piece, or not at all.
  const Message bytes = framed(flight.question.message);
  if (::send(flight.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
    return false;
  flight.is_sent = true;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = flight.mark}};
  return ::epoll_ctl(epoll_, EPOLL_CTL_MOD, flight.socket.get(), &event) == 0;
}

void Forwarder::advance_connection(Flights::iterator flight, std::uint32_t events) {
  if (!flight->is_sent) {
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 || !send_by_tcp(*flight)) next_attempt(flight);
    return;
  }
  Message& received = flight->received;
  const std::size_t wanted = received.size() < 2 ? 2 : 2 + (received[0] << 8 | received[1]);
  const ssize_t length = ::recv(flight->socket.get(), buffer_.data(),
                                std::min(wanted - received.size(), buffer_.size()), MSG_DONTWAIT);
  if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  if (length <= 0) return next_attempt(flight);
  received.insert(received.end(), buffer_.begin(), buffer_.begin() + length);
  if (received.size() < 2 || received.size() < 2U + (received[0] << 8 | received[1])) return;
  const Message whole = std::move(received);
  const Bytes reply = Bytes(whole).subspan(2);
  // What a connection has is from the upstream: a reply that does not fit is its fault.
  if (kind_of_reply(flight->question.message, reply) == ReplyKind::Wrong) return next_attempt(flight);
  take_reply(flight, reply);
}

/// Takes a reply that fits the query.
void Forwarder::take_reply(Flights::iterator flight, Bytes reply) {
  const ReplyKind kind = kind_of_reply(flight->question.message, reply);
  if (is_failure(code_of(reply)) && flight->attempts < upstreams_.size()) return next_attempt(flight);
  preferred_ = flight->upstream;
  if (kind != ReplyKind::Whole && flight->question.alias && !flight->question.by_tcp) {
    // Nobody but us can ask again by TCP.
    by_mark_.erase(flight->mark);
    flight->question.by_tcp = true;
    flight->attempts = 0;
    return attempt(flight);
  }
  end(flight, reply, kind);
}

// ---- time ----

void Forwarder::on_time(std::int64_t now) {
  std::vector<std::uint64_t> late;
  for (const Flight& flight : flights_)
    if (flight.deadline <= now) late.push_back(flight.mark);
  for (const std::uint64_t mark : late)
    if (const auto found = by_mark_.find(mark); found != by_mark_.end()) next_attempt(found->second);
}

std::int64_t Forwarder::due() const {
  const auto first = std::ranges::min_element(flights_, {}, &Flight::deadline);
  return first == flights_.end() ? -1 : first->deadline;
}

}  // namespace podrun::resolver
