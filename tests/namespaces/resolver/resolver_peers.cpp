// Clients of a resolver, and its upstreams.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <gtest/gtest.h>

#include "namespaces/resolver/address_names.hpp"
#include "namespaces/resolver/forwarder.hpp"
#include "tests/namespaces/resolver/resolver_run.hpp"

namespace podrun::ns {

using resolver::Bytes;
using resolver::Message;

namespace {

resolver::SocketAddress port_53(const std::string& address) {
  resolver::SocketAddress made;
  if (address.contains(':')) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(made.address);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(53);
    ::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr);
    made.length = sizeof v6;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(made.address);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(53);
    ::inet_pton(AF_INET, address.c_str(), &v4.sin_addr);
    made.length = sizeof v4;
  }
  return made;
}

Message framed(const Message& message) {
  Message bytes{static_cast<unsigned char>(message.size() >> 8), static_cast<unsigned char>(message.size())};
  bytes.insert(bytes.end(), message.begin(), message.end());
  return bytes;
}

/// Reads so many bytes. False: the other end has closed.
bool read_exactly(int socket, unsigned char* bytes, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const ssize_t length = ::recv(socket, bytes + at, size - at, 0);
    if (length <= 0) return false;
    at += static_cast<std::size_t>(length);
  }
  return true;
}

std::optional<Message> read_framed(int socket) {
  unsigned char prefix[2];
  if (!read_exactly(socket, prefix, 2)) return std::nullopt;
  Message message(prefix[0] * 256U + prefix[1]);
  if (!read_exactly(socket, message.data(), message.size())) return std::nullopt;
  return message;
}

}  // namespace

// ---- upstreams ----

Upstream::Upstream(const ResolverWorld& world, const std::string& address, Serve serve)
    : serve_(std::move(serve)), stop_(::eventfd(0, EFD_CLOEXEC)) {
  const resolver::SocketAddress at = port_53(address);
  world.in_host([&] {
    datagrams_ = Fd(::socket(at.address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    listener_ = Fd(::socket(at.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    for (const int socket : {datagrams_.get(), listener_.get()})
      ASSERT_EQ(::bind(socket, at.get(), at.length), 0);
    ASSERT_EQ(::listen(listener_.get(), 128), 0);
  });
  thread_ = std::thread([this, &world] { world.in_host([this] { run(); }); });
}

Upstream::~Upstream() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void Upstream::run() {
  for (;;) {
    pollfd ready[] = {{datagrams_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    ::poll(ready, 3, -1);
    if (ready[2].revents != 0) return;
    if (ready[0].revents != 0) serve_datagram();
    if (ready[1].revents != 0) serve_connection();
  }
}

void Upstream::serve_datagram() {
  Message buffer(65535);
  Asked asked;
  socklen_t size = sizeof asked.client;
  const ssize_t length = ::recvfrom(datagrams_.get(), buffer.data(), buffer.size(), 0,
                                    reinterpret_cast<sockaddr*>(&asked.client), &size);
  if (length < 0) return;
  ++by_udp_;
  asked.query = Bytes(buffer.data(), static_cast<std::size_t>(length));
  for (const Message& message : serve_(asked))
    ::sendto(datagrams_.get(), message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&asked.client), size);
}

void Upstream::serve_connection() {
  const Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const auto query = read_framed(connection.get());
  if (!query) return;
  ++by_tcp_;
  for (const Message& message : serve_({.query = *query, .by_tcp = true})) {
    const Message bytes = framed(message);
    ::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
}

Message address_for(Bytes query, const std::string& address) {
  const auto parsed = resolver::parse_query(query);
  if (!parsed) return {};
  const auto value = *resolver::address_of(address);
  const auto type = value.family == pod::IpFamily::V4 ? resolver::RecordType::A : resolver::RecordType::Aaaa;
  resolver::Answer answer;
  if (parsed->question.type == static_cast<std::uint16_t>(type))
    answer.records.push_back({parsed->question.name, type, value});
  return build_answer(*parsed, answer, 512);
}

Message addresses_for(Bytes query, int count, std::size_t limit) {
  const auto parsed = resolver::parse_query(query);
  resolver::Answer answer;
  for (int i = 0; i < count; ++i)
    answer.records.push_back({parsed->question.name, resolver::RecordType::A,
                              *resolver::address_of("192.0.2." + std::to_string(i % 250))});
  return build_answer(*parsed, answer, limit);
}

Upstream::Serve answering(const std::string& address) {
  return [address](const Asked& asked) { return Messages{address_for(asked.query, address)}; };
}

// ---- clients ----

Message query_for(const std::string& name, std::uint16_t type, std::uint16_t id) {
  Message message = resolver::build_query({name, type});
  resolver::set_id(message, id);
  return message;
}

Client::Client(const ResolverWorld& world, By by) : by_(by) {
  world.in_pod([this] {
    socket_ = Fd(::socket(AF_INET, (by_ == By::Udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0));
    const resolver::SocketAddress address = port_53(served_address);
    ASSERT_EQ(::connect(socket_.get(), address.get(), address.length), 0);
  });
}

void Client::send(const Message& message) const {
  const Message bytes = by_ == By::Tcp ? framed(message) : message;
  send_raw({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void Client::send_raw(std::string_view bytes) const { ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }

std::optional<Message> Client::receive(std::chrono::milliseconds timeout) const {
  pollfd ready{socket_.get(), POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(timeout.count())) != 1) return std::nullopt;
  if (by_ == By::Tcp) return read_framed(socket_.get());
  Message buffer(65535);
  const ssize_t length = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (length < 0) return std::nullopt;
  buffer.resize(static_cast<std::size_t>(length));
  return buffer;
}

std::optional<Message> Client::ask(const Message& message) const {
  send(message);
  return receive();
}

}  // namespace podrun::ns
