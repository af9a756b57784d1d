// The resolver's loop.
#include "namespaces/resolver/resolver.hpp"

#include <net/if.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <utility>

namespace podrun::resolver {
namespace {

/// The data of the sockets in the epoll instance: their descriptors, and this bit for those that listen.
constexpr std::uint64_t listens = std::uint64_t{1} << 32;

/// Queries of one socket before others have their turn.
constexpr int most_at_once = 64;

bool interface_exists(int socket, const std::string& name) {
  ifreq request{};
  if (name.size() >= sizeof request.ifr_name) return false;
  std::ranges::copy(name, request.ifr_name);
  return ::ioctl(socket, SIOCGIFINDEX, &request) == 0;
}

void watch(int epoll, int socket, std::uint64_t mark) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = mark}};
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

}  // namespace

Resolver::Resolver(Settings settings)
    : settings_(std::move(settings)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      interfaces_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
      folder_(settings_.folder),
      names_{.pods = {}, .asking_namespace = settings_.asking_namespace},
      exists_([this](const std::string& name) { return interface_exists(interfaces_, name); }),
      forwarder_(epoll_, settings_.upstreams,
                 [this](const Forwarded& q, Bytes reply, ReplyKind kind) { finish(q, reply, kind); }),
      connections_(epoll_, [this](std::uint64_t mark, Bytes query) { handle_query({.connection = mark}, query); }),
      buffer_(longest_query + 1),
      last_query_(monotonic_now()) {
  for (const int socket : settings_.datagrams) watch(epoll_, socket, static_cast<std::uint64_t>(socket));
  for (const int socket : settings_.listeners) watch(epoll_, socket, static_cast<std::uint64_t>(socket) | listens);
}

void Resolver::run() {
  while (monotonic_now() - last_query_ < settings_.idle || forwarder_.in_flight() > 0) wait();
}

// ---- waiting ----

std::int64_t Resolver::due() const {
  std::int64_t due = last_query_ + settings_.idle;
  for (const std::int64_t other : {forwarder_.due(), connections_.due()})
    if (other >= 0) due = std::min(due, other);
  return due;
}

void Resolver::wait() {
  const std::int64_t rest = std::max<std::int64_t>(due() - monotonic_now(), 0);
  const timespec timeout{.tv_sec = rest / 1'000'000'000, .tv_nsec = rest % 1'000'000'000};
  std::array<epoll_event, 64> ready{};
  const int count = ::epoll_pwait2(epoll_, ready.data(), static_cast<int>(ready.size()), &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready[static_cast<std::size_t>(i)];
    handle_event(event.data.u64, event.events);
  }
  const std::int64_t now = monotonic_now();
  forwarder_.on_time(now);
  connections_.on_time(now);
}

void Resolver::handle_event(std::uint64_t mark, std::uint32_t events) {
  if (Forwarder::is_ours(mark)) forwarder_.on_ready(mark, events);
  else if (Connections::is_ours(mark)) connections_.on_ready(mark);
  else if ((mark & listens) != 0) connections_.accept(static_cast<int>(mark & ~listens));
  else read_datagrams(static_cast<int>(mark));
}

// ---- queries ----

void Resolver::read_datagrams(int socket) {
  for (int i = 0; i < most_at_once; ++i) {
    Asker asker{.socket = socket};
    asker.client.length = sizeof asker.client.address;
    const ssize_t length = ::recvfrom(socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT,
                                      reinterpret_cast<sockaddr*>(&asker.client.address), &asker.client.length);
    if (length < 0) return;
    handle_query(asker, Bytes(buffer_.data(), static_cast<std::size_t>(length)));
  }
}

void Resolver::handle_query(const Asker& asker, Bytes bytes) {
  auto query = parse_query(bytes);
  if (!query) {
    if (query.error()) send(asker, build_fault(bytes, *query.error()));
    else if (asker.is_by_tcp()) connections_.end(asker.connection);
    return;
  }
  last_query_ = monotonic_now();
  folder_.update(names_.pods);
  Answer answer = look_up(names_, exists_, query->question);
  if (answer.outcome == Outcome::Elsewhere) return forward(asker, std::move(*query), bytes, std::move(answer));
  rotate(answer.records, turns_++);
  send(asker, build_answer(*query, answer, asker.is_by_tcp() ? longest_message : query->udp_size));
}

// ---- what is for the upstreams ----

void Resolver::forward(const Asker& asker, Query query, Bytes bytes, Answer answer) {
  Forwarded question{.asker = asker, .query = std::move(query), .by_tcp = asker.is_by_tcp()};
  if (answer.records.empty()) {
    question.message.assign(bytes.begin(), bytes.end());
  } else {
    question.message = build_query({answer.elsewhere, question.query.question.type});
    question.by_tcp = false;
    question.alias = std::move(answer);
  }
  forwarder_.ask(std::move(question));
}

void Resolver::finish(const Forwarded& question, Bytes reply, ReplyKind kind) {
  const Query& query = question.query;
  const Asker& asker = question.asker;
  if (question.alias) return finish_alias(question, reply, kind);
  if (kind == ReplyKind::Wrong) return send(asker, build_error(query, Rcode::ServerFailure));
  if (!asker.is_by_tcp() && (kind == ReplyKind::CutOff || reply.size() > query.udp_size))
    return send(asker, build_truncated(query));
  if (kind == ReplyKind::CutOff) return send(asker, build_error(query, Rcode::ServerFailure));
  Message message(reply.begin(), reply.end());
  set_id(message, query.id);
  send(asker, message);
}

void Resolver::finish_alias(const Forwarded& question, Bytes reply, ReplyKind kind) {
  const auto records = kind == ReplyKind::Whole ? records_of(reply) : std::nullopt;
  const Rcode code = records ? code_of(reply) : Rcode::ServerFailure;
  if (code != Rcode::NoError && code != Rcode::NoSuchName)
    return send(question.asker, build_error(question.query, Rcode::ServerFailure));
  Answer answer = *question.alias;
  answer.outcome = code == Rcode::NoSuchName ? Outcome::NoSuchName : Outcome::Found;
  answer.records.insert(answer.records.end(), records->begin(), records->end());
  const std::size_t limit = question.asker.is_by_tcp() ? longest_message : question.query.udp_size;
  send(question.asker, build_answer(question.query, answer, limit));
}

void Resolver::send(const Asker& asker, const Message& message) {
  if (asker.is_by_tcp()) return connections_.answer(asker.connection, message);
  // A client that does not take its answer asks again.
  ::sendto(asker.socket, message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL, asker.client.get(),
           asker.client.length);
}

}  // namespace podrun::resolver
